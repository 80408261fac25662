"""The base of the tests of the environment's server: PostgreSQL as production and beside it, credentials, steps."""
import os
import shutil
import sys
import tempfile

from . import environment, postgres, processes, tools
from .case import SKIPPED, Case

PASSWORD = "Zu-geheim'für%alle"
ROWS = 2000
CREDENTIALS = """
[service]
build-version = "1.0.16209.8792"
build-timestamp = "2016-07-27T04:53:04+00:00"
database-credential = "prod"
database = "prod"
check-timeout = "2s"

[[statistics.query]]
name = "items"
sql = "SELECT count(*) FROM items;"
[[statistics.query]]
name = "largest"
sql = "SELECT id, price FROM items ORDER BY id DESC LIMIT 2"

[credentials.prod]
kind = "postgres"
server = "postgres://cloner@127.0.0.1:{port}"
password-file = "{password_file}"
databases = ["prod", "empty"]

[credentials.test]
kind = "postgres"
server = "postgres://cloner@127.0.0.1:{port}"
password-file = "{password_file}"
folder = "{folder}"
destination = true

[credentials.other]
kind = "postgres"
server = "postgres://cloner@127.0.0.1:{other_port}"
password-file = "{password_file}"
destination = true

[credentials.files]
kind = "s3"
endpoint = "http://127.0.0.1:9"
access-key-id-variable = "PATH"
secret-access-key-variable = "PATH"
destination = true

[steps.migrate]
command = "psql -X -v ON_ERROR_STOP=1 -c 'ALTER TABLE items ADD COLUMN migrated int'"
[steps.broken]
command = "echo half way; exit 3"
[steps.gate]
command = "touch {folder}/waiting; while [ ! -e {folder}/go ]; do sleep 0.05; done"
[steps.look]
command = "test -f \\"$UNDERSTUDY_CLONE_FOLDER/PG_VERSION\\" && echo \\"$UNDERSTUDY_CLONE_ID\\""
"""


def clone(clone_id, destination="candidate", credential="test", source="prod", **options):
    return {"Id": clone_id, "Source": {"Kind": "postgres", "Database": source, "CredentialRef": "prod"},
            "Destination": {"Kind": "postgres", "Database": destination, "CredentialRef": credential}, "Options": options}


class EnvironmentCase(Case):
    """One server of PostgreSQL for production and test, and an empty one beside it, for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix="understudy-e2e-")
        os.chmod(cls.shared, 0o777)
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        try:
            cls.database, cls.other = (cls.start_database(name) for name in ("production", "other"))
        except postgres.Unavailable as reason:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)
        cls.database.sql("CREATE DATABASE prod; CREATE DATABASE empty; ALTER DATABASE prod SET search_path = public, pg_catalog")
        cls.database.sql(f"""
            CREATE TABLE items (id int PRIMARY KEY, name text, price numeric);
            INSERT INTO items SELECT i, 'item ' || i, i * 1.5 FROM generate_series(1, {ROWS}) i;
            CREATE INDEX ON items (name); CREATE VIEW cheap AS SELECT * FROM items WHERE price < 10;""", "prod")

    @classmethod
    def start_database(cls, name):
        server = postgres.Server(cls.shared, name=name)
        cls.addClassCleanup(server.stop)
        server.sql("CREATE ROLE cloner LOGIN SUPERUSER REPLICATION PASSWORD '" + PASSWORD.replace("'", "''") + "'")
        with open(os.path.join(server.data, "pg_hba.conf"), "r+", encoding="ascii") as file:
            rules = file.read()
            file.seek(0)
            file.write("host all cloner all scram-sha-256\nhost replication cloner all scram-sha-256\n" + rules)
        server.sql("SELECT pg_reload_conf()")
        return server

    def setUp(self):
        super().setUp()
        for database in ("candidate", "second"):
            for server in (self.database, self.other):
                server.sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        password_file = self.path("password")
        with open(password_file, "w", encoding="utf-8") as file:
            file.write(PASSWORD + "\n")
        self.folder = self.path("folder")
        os.makedirs(self.folder)
        self.config = CREDENTIALS.format(port=self.database.port, other_port=self.other.port, password_file=password_file,
                                         folder=self.folder)

    def serve(self, extra="", **options):
        return self.start(environment.Environment(self.directory, extra + self.config, **options))

    def replay(self, *words):
        return tools.run([tools.tool("understudy-replay"), *words])

    def start_clone(self, server, body, status=202):
        answered, fields, state = server.ask("POST", "/clone", body)
        self.assertEqual(answered, status, (state, server.log[-2000:]))
        if status == 202:
            self.assertEqual(fields["Location"], f"/clone/{body['Id']}")
            self.assertGreaterEqual(int(fields["Retry-After"]), 0)
        return state

    def finish_clone(self, server, body, status="Succeeded"):
        self.start_clone(server, body)
        state = server.wait_for_clone(body["Id"])
        self.assertEqual(state["Status"], status, (state, server.log[-3000:]))
        return state

    def lock_source(self):
        """Holds a lock that a dump has to wait for, until unlock_source()."""
        holder = self.start(processes.Process(
            ["psql", "-X", "-d", self.database.url("prod"), "-c", "BEGIN", "-c", "LOCK TABLE items IN ACCESS EXCLUSIVE MODE", "-c",
             "SELECT pg_sleep(120)"], self.directory, "holder", environment={**os.environ, "PGAPPNAME": "api of production"}))
        processes.wait_until(lambda: self.database.sql(
            "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation IS NOT NULL") != "0", 10,
            "the lock is held")
        self.addCleanup(self.unlock_source)
        return holder

    def unlock_source(self):
        """A session outlives its client as long as its statement runs."""
        self.database.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'api of production'")

    def databases(self, server=None):
        return (server or self.database).sql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1").split("\n")

    def assert_no_secret(self, server):
        """The password is in no file that the server wrote, and in no output."""
        for folder in (server.state, self.directory):
            for path, _, names in os.walk(folder):
                for name in names:
                    if name in ("password", "dump") or path.startswith(self.folder):
                        continue
                    try:
                        with open(os.path.join(path, name), "rb") as file:
                            text = file.read()
                    except FileNotFoundError:
                        continue  # a temporary file that has its final name by now
                    self.assertNotIn(PASSWORD.encode(), text, os.path.join(path, name))
