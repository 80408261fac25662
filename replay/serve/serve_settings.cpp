#include "replay/serve/serve_settings.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>
#include <system_error>

#include "replay/clone/postgres_route.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/toml_table.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t threads_max = 256;
constexpr std::uint64_t clones_at_once_max = 16;
constexpr std::size_t tests_max = 100;
constexpr std::size_t queries_max = 100;

[[nodiscard]] SecretPlace read_secret_place(TomlTable& table, const std::string& name) {
  SecretPlace place{table.text(name + "-file"), table.text(name + "-variable")};
  if (!place.file.empty() && !place.variable.empty()) {
    table.refuse(name + "-file", fmt::format("and {}-variable exclude each other", name));
  }
  return place;
}

void read_server(TomlTable& table, ServeSettings& settings) {
  settings.address = table.text("address", settings.address);
  settings.certificate_file = table.text("certificate-file");
  settings.key_file = table.text("key-file");
  settings.token = read_secret_place(table, "token");
  settings.threads = table.number("threads", settings.threads, 4, threads_max);
  settings.state_folder = table.text("state-folder");
  if (settings.state_folder.empty()) {
    table.refuse("state-folder", "is missing: the folder where clones and maintenance mode are kept");
  }
  settings.clones_at_once = table.number("clones-at-once", settings.clones_at_once, 1, clones_at_once_max);
  settings.postgres_tools = table.text("postgres-tools");
  settings.work_folder = table.text("work-folder");
  settings.end_sessions = table.flag("end-sessions", false);
}

void read_tests(TomlTable& service, ServeSettings& settings) {
  std::set<std::string> names;
  for (TomlTable& table : service.tables("test")) {
    ServeSmokeTest test;
    test.name = table.wanted_text("name");
    test.description = table.text("description");
    test.path = table.wanted_text("path");
    test.status = static_cast<int>(table.number("status", 200, 100, 599));
    test.contains = table.text("contains");
    if (!test.path.empty() && test.path[0] != '/') table.refuse("path", "must begin with '/'");
    if (!names.insert(test.name).second) table.refuse("name", "is taken: answers are compared by it");
    table.finish();
    settings.tests.push_back(std::move(test));
  }
  if (settings.tests.size() > tests_max) service.refuse("test", fmt::format("comes more than {} times", tests_max));
}

void read_service(TomlTable table, ServeSettings& settings) {
  settings.service_url = table.text("url");
  settings.build_version = table.text("build-version");
  settings.build_timestamp = table.text("build-timestamp");
  settings.database_credential = table.text("database-credential");
  settings.database_name = table.text("database");
  table.parsed("check-timeout", parse_duration, settings.check_timeout);
  read_tests(table, settings);
  if (settings.service_url.empty() && !settings.tests.empty()) table.refuse("url", "is missing; the tests want it");
  if (settings.service_url.empty() && settings.build_version.empty()) {
    table.refuse("build-version", "is missing, and so is a url whose /health could tell it");
  }
  if (settings.database_credential.empty() != settings.database_name.empty()) {
    table.refuse("database", "and database-credential are wanted together");
  }
  if (settings.check_timeout < std::chrono::milliseconds(10) || settings.check_timeout > std::chrono::minutes(1)) {
    table.refuse("check-timeout", "must be from 10ms to 1m");
  }
  table.finish();
}

void read_statistics(TomlTable table, ServeSettings& settings) {
  settings.statistics_path = table.text("path");
  std::set<std::string> names;
  for (TomlTable& query : table.tables("query")) {
    settings.statistics.push_back({query.wanted_text("name"), query.wanted_text("sql")});
    if (!names.insert(settings.statistics.back().name).second) query.refuse("name", "is taken");
    query.finish();
  }
  if (settings.statistics.size() > queries_max) {
    table.refuse("query", fmt::format("comes more than {} times", queries_max));
  }
  if (!settings.statistics_path.empty() && !settings.statistics.empty()) {
    table.refuse("path", "and queries exclude each other");
  }
  if (!settings.statistics_path.empty() && settings.service_url.empty()) {
    table.refuse("path", "wants the url of the service");
  }
  if (!settings.statistics.empty() && settings.database_credential.empty()) {
    table.refuse("query", "wants database and database-credential in [service]");
  }
  table.finish();
}

[[nodiscard]] ServeCredential read_bucket_credential(TomlTable& table) {
  ServeCredential credential;
  credential.endpoint = table.text("endpoint");
  credential.region = table.text("region");
  credential.profile = table.text("profile");
  credential.virtual_host = table.flag("virtual-host", false);
  credential.instance_metadata = table.flag("instance-metadata", false);
  credential.ca_file = table.text("ca-file");
  credential.allowed = table.texts("buckets");
  credential.access_key_id = read_secret_place(table, "access-key-id");
  credential.secret_access_key = read_secret_place(table, "secret-access-key");
  credential.session_token = read_secret_place(table, "session-token");
  if (credential.access_key_id.is_given() != credential.secret_access_key.is_given()) {
    table.refuse("secret-access-key-file", "and access-key-id-file (or -variable) are wanted together");
  }
  return credential;
}

[[nodiscard]] ServeCredential read_database_credential(TomlTable& table) {
  ServeCredential credential;
  credential.kind = CloneKind::postgres;
  credential.server = table.text("server");
  credential.folder = table.text("folder");
  credential.allowed = table.texts("databases");
  credential.password = read_secret_place(table, "password");
  if (credential.server.empty() && credential.folder.empty()) {
    table.refuse("server", "is missing: where its server is, as in \"postgres://clone@127.0.0.1:5432\"");
  }
  if (credential.server.empty()) return credential;
  const auto route = read_postgres_route(credential.server);
  if (!route) {
    table.refuse("server", "cannot be used: " + route.error().message);
  } else if (route->password) {
    table.refuse("server", "holds a password; put it into a password-file");
  } else if (!route->database.empty()) {
    table.refuse("server", "names a database; a clone's sides do that");
  }
  return credential;
}

void read_credentials(TomlTable table, ServeSettings& settings) {
  for (const std::string& name : table.remaining()) {
    TomlTable below = table.table(name);
    const std::string kind = below.wanted_text("kind");
    ServeCredential credential = kind == "postgres" ? read_database_credential(below) : read_bucket_credential(below);
    if (kind != "s3" && kind != "postgres") below.refuse("kind", "must be \"s3\" or \"postgres\"");
    credential.destination = below.flag("destination", false);
    below.finish();
    settings.credentials.emplace(name, std::move(credential));
  }
}

void read_steps(TomlTable table, ServeSettings& settings) {
  for (const std::string& name : table.remaining()) {
    TomlTable below = table.table(name);
    // A name is a part of the names of files.
    const bool fits = name.size() <= 100 && name.find_first_of("/\\") == std::string::npos && name[0] != '.';
    if (!fits) table.refuse(name, "cannot be a step's name: it holds a slash, begins with a dot or is too long");
    settings.steps[name] = below.wanted_text("command");
    below.finish();
  }
}

void check_references(TomlTable& root, const ServeSettings& settings) {
  if (settings.database_credential.empty()) return;
  const auto found = settings.credentials.find(settings.database_credential);
  if (found == settings.credentials.end() || found->second.server.empty()) {
    root.refuse("service", fmt::format("names \"{}\" as database-credential, and there is no credential of kind "
                                       "postgres with a server of that name",
                                       settings.database_credential));
  }
}

}  // namespace

Result<std::string> read_place(const SecretPlace& place) {
  if (!place.file.empty()) return read_secret(place.file);
  const char* const value = std::getenv(place.variable.c_str());
  if (value == nullptr || *value == '\0') {
    return fail(ExitCode::configuration,
                fmt::format("the environment variable {} is not set, and a secret was to be there", place.variable));
  }
  return std::string(value);
}

Result<ServeSettings> read_serve_settings(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ExitCode::configuration, fmt::format("cannot open the configuration file '{}': {}; check --config",
                                                     path, std::generic_category().message(errno)));
  }
  TomlErrors errors(path);
  toml::table content;
  try {
    content = toml::parse(file, path);
  } catch (const toml::parse_error& error) {
    errors.add(error.source().begin.line, std::string(error.description()));
    return tl::unexpected(*errors.first());
  }
  ServeSettings settings;
  TomlTable root(&content, "", 0, errors);
  read_server(root, settings);
  read_service(root.table("service"), settings);
  read_statistics(root.table("statistics"), settings);
  read_credentials(root.table("credentials"), settings);
  read_steps(root.table("steps"), settings);
  check_references(root, settings);
  root.finish();
  if (errors.first()) return tl::unexpected(*errors.first());
  return settings;
}

}  // namespace understudy
