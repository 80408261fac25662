"""A stack to rehearse on: a PostgreSQL server with databases of the story's schema, the sample API in front of each, and a
recording of what its clients ask.

    stack = rehearsal.Stack(self.directory)
    stack.clone("candidate"); stack.server.sql("DROP INDEX ...", "candidate")
    candidate = stack.start_api("candidate", "1.1.0")        # its URL
"""
import json
import os
import random
import sys
import uuid

from . import postgres, processes, recordings, tools

MIGRATION = os.path.join(postgres.ROOT, "scripts", "demo", "migration")
sys.path.insert(0, MIGRATION)
from load import device_guid  # noqa: E402

CUSTOMERS, DEVICES = 50, 200


def script(name):
    with open(os.path.join(MIGRATION, name), encoding="utf-8") as file:
        return file.read()


def write_recording(path, requests, devices=DEVICES, seed=7):
    """Of ten requests seven ask for a newest reading, two for a customer, one inserts; each with a trace of its own."""
    dice = random.Random(seed)
    exchanges = []
    for number in range(requests):
        device = dice.randrange(devices)
        customer = 1 + device % CUSTOMERS
        method, body, fields, status = "GET", b"", [], 200
        target = f"/customers/{customer}/devices/{device_guid(device)}/readings/newest"
        if number % 10 in (3, 7):
            target = f"/customers/{customer}"
        elif number % 10 == 9:
            method, target, status = "POST", "/readings", 201
            body = json.dumps({"Customer": customer, "Device": device_guid(device), "Value": 1.5}).encode()
            fields = [["Content-Type", "application/json"]]
        trace = uuid.UUID(int=dice.getrandbits(128)).hex
        fields = [*fields, ["traceparent", f"00-{trace}-00f067aa0ba902b7-01"]]
        exchanges.append(recordings.exchange(number % 20, number * 10_000_000, method, target, fields, body, status))
    return recordings.write(path, exchanges)


class Stack:
    """`readings` rows in the database `production`, as `migrated` says in the old schema or in the new one."""

    def __init__(self, directory, readings=20_000, migrated=True, settings=None):
        self.directory = directory
        self.apis = []
        self.server = postgres.Server(directory, preload=("pg_stat_statements",), settings={
            "shared_buffers": "1MB", "max_parallel_workers_per_gather": 0, "jit": "off", "autovacuum": "off", **(settings or {})})
        self.server.sql("CREATE DATABASE production")
        self.server.sql("CREATE EXTENSION pg_stat_statements;" + script("schema.sql"), "production")
        done = self.server.psql(script("data.sql"), "production", options=[
            "-v", f"customers={CUSTOMERS}", "-v", f"devices={DEVICES}", "-v", f"readings={readings}"])
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        if migrated:
            self.server.sql(script("migration.sql"), "production")

    def clone(self, name):
        self.server.sql(f"CREATE DATABASE {name} TEMPLATE production")
        return self.server.url(name)

    def start_api(self, database, version):
        """The URL of an API over the database; it ends with the stack."""
        port = recordings.unused_port()
        process = processes.Process(
            [tools.tool("migration-sample-api"), "--listen", f"127.0.0.1:{port}", "--database", self.server.url(database),
             "--build-version", version], self.directory, f"api-{database}")
        self.apis.append(process)
        processes.wait_until(lambda: "listening" in process.stdout or not process.running, 10, "the API listens")
        return f"http://127.0.0.1:{port}"

    def stop(self):
        for process in self.apis:
            process.stop()
        self.server.stop()
