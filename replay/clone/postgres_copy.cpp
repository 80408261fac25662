#include "replay/clone/postgres_copy.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

namespace understudy {
namespace {

constexpr std::string_view object_in_use = "55006";  // SQLSTATE
constexpr int attempts_max = 5;

// A statement on one database, as long as it takes.
[[nodiscard]] Result<DatabaseRows> query_database(const PostgresCopy& copy, const PostgresRoute& route,
                                                  const std::string& database, std::string_view sql) {
  DatabaseConnectionOptions options;
  options.where = route.where(database);
  options.password = route.password;
  options.ambient_password = !route.password;
  options.statement_timeout = Nanoseconds::zero();
  options.application_name = copy.application;
  auto connection = DatabaseConnection::open(options, copy.clock);
  if (!connection) return tl::unexpected(connection.error());
  QueryLimits limits;
  limits.timeout = Nanoseconds::zero();
  limits.keep_going = [&] { return !copy.stop.stop_requested(); };
  auto rows = (*connection)->query(sql, {}, limits);
  if (!rows && copy.stop.stop_requested()) return fail(ExitCode::aborted, "cancelled, as asked");
  return rows;
}

// By kind: "r 12, i 30".
[[nodiscard]] Result<std::string> relations(const PostgresCopy& copy, const PostgresRoute& route,
                                            const std::string& database) {
  const auto rows = query_database(
      copy, route, database,
      "SELECT coalesce(string_agg(relkind::text || ' ' || number, ', ' ORDER BY relkind), 'none') FROM (SELECT "
      "relkind, "
      "count(*) AS number FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE "
      "nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' GROUP BY relkind) AS kinds");
  if (!rows) return tl::unexpected(rows.error());
  return std::string(rows->text(0, 0));
}

}  // namespace

Result<void> without_sessions(PostgresServer& server, const std::string& database, bool end_sessions,
                              const std::function<Result<void>()>& change) {
  for (int attempt = 1;; ++attempt) {
    auto sessions = server.sessions(database);
    if (!sessions) return tl::unexpected(sessions.error());
    if (sessions->empty() || (end_sessions && attempt > 1)) {
      auto changed = change();
      if (changed || server.sqlstate() != object_in_use) return changed;
      sessions = server.sessions(database);  // they came in between, or are of prepared transactions
      if (!sessions || !end_sessions || attempt == attempts_max) {
        if (!sessions || sessions->empty()) return changed;
      }
    }
    if (!end_sessions || attempt == attempts_max) {
      return fail(
          ExitCode::clone_failed,
          fmt::format("{} sessions are on the database \"{}\", and nobody may be while it is copied or replaced: {}. "
                      "End them, or let them be ended by --end-sessions",
                      sessions->size(), database, to_text(*sessions)));
    }
    if (auto ended = server.end_sessions(database); !ended) return ended;
  }
}

Result<void> copy_by_template(const PostgresCopy& copy, PostgresServer& server) {
  const auto shape = server.shape(copy.source_database);
  if (!shape) return tl::unexpected(shape.error());
  auto created = without_sessions(server, copy.source_database, copy.end_sessions,
                                  [&] { return server.create_copy(copy.partial, copy.source_database); });
  if (!created) return created;
  return server.apply_settings(copy.partial, *shape);
}

Result<void> copy_by_dump(const PostgresCopy& copy, PostgresServer& source, PostgresServer& destination) {
  const auto shape = source.shape(copy.source_database);
  if (!shape) return tl::unexpected(shape.error());
  const auto superuser = destination.is_superuser();
  if (!superuser) return tl::unexpected(superuser.error());
  const std::string folder = (std::filesystem::path(copy.work_folder) / "dump").string();
  const std::string jobs = fmt::format("--jobs={}", copy.workers);
  auto done = copy.tools.run("pg_dump", source.version(),
                             {"--format=directory", jobs, "--file=" + folder, "--no-password",
                              "--dbname=" + copy.source.where(copy.source_database)},
                             copy.source, copy.stop);
  if (!done) return done;
  if (done = destination.create_empty(copy.partial, *shape); !done) return done;
  std::vector<std::string> arguments = {"--format=directory", jobs, "--exit-on-error", "--no-password",
                                        "--dbname=" + copy.destination.where(copy.partial)};
  if (!*superuser) arguments.insert(arguments.end(), {"--no-owner", "--no-privileges"});
  arguments.push_back(folder);
  // A dump of the source's version is read by tools of that version at least.
  done = copy.tools.run("pg_restore", std::max(source.version(), destination.version()), arguments, copy.destination,
                        copy.stop);
  if (!done) return done;
  const auto analyzed = query_database(copy, copy.destination, copy.partial, "VACUUM (ANALYZE)");
  if (!analyzed) return tl::unexpected(analyzed.error());
  return destination.apply_settings(copy.partial, *shape);
}

Result<void> copy_by_basebackup(const PostgresCopy& copy, PostgresServer& source) {
  const auto tablespaces = source.tablespaces();
  if (!tablespaces) return tl::unexpected(tablespaces.error());
  if (*tablespaces > 0) {
    return fail(ExitCode::clone_failed,
                fmt::format("the server has {} tablespaces outside of its folder, which a copy on the same host would "
                            "share; clone by template or dump",
                            *tablespaces));
  }
  auto done = copy.tools.run(
      "pg_basebackup", source.version(),
      {"--pgdata=" + copy.partial, "--format=plain", "--wal-method=stream", "--checkpoint=fast", "--no-password",
       "--label=understudy clone " + copy.id, "--dbname=" + copy.source.where(copy.source_database)},
      copy.source, copy.stop);
  if (!done) return done;
  return copy.tools.run("pg_verifybackup", source.version(), {"--exit-on-error", "--quiet", copy.partial}, copy.source,
                        copy.stop);
}

Result<void> compare_relations(const PostgresCopy& copy) {
  const auto source = relations(copy, copy.source, copy.source_database);
  if (!source) return tl::unexpected(source.error());
  const auto partial = relations(copy, copy.destination, copy.partial);
  if (!partial) return tl::unexpected(partial.error());
  if (*source == *partial) return {};
  return fail(ExitCode::clone_failed,
              fmt::format("the copy of \"{}\" has other relations than its source: {} in place of {} (kinds as in "
                          "pg_class.relkind); was the source changed meanwhile?",
                          copy.source_database, *partial, *source));
}

}  // namespace understudy
