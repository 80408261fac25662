#include "replay/clone/postgres_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "replay/compare/shown_value.hpp"

namespace understudy {
namespace {

constexpr std::size_t sessions_shown = 20;
constexpr std::string_view cancelled_state = "57014";  // query_canceled

// Settings whose value is a list of names, which is stored as it is written in SET (guc.h, GUC_LIST_QUOTE).
constexpr std::array<std::string_view, 6> list_settings = {"search_path",
                                                           "temp_tablespaces",
                                                           "session_preload_libraries",
                                                           "local_preload_libraries",
                                                           "shared_preload_libraries",
                                                           "unix_socket_directories"};

}  // namespace

std::string to_text(const std::vector<PostgresSession>& sessions) {
  std::string text;
  for (std::size_t i = 0; i < std::min(sessions.size(), sessions_shown); ++i) {
    const PostgresSession& session = sessions[i];
    text += fmt::format("{}pid {} (application \"{}\", user {}, {}, {})", i == 0 ? "" : "; ", session.pid,
                        shown_text(session.application), shown_text(session.user),
                        session.address.empty() ? "local" : "from " + session.address,
                        session.state.empty() ? "state unknown" : session.state);
  }
  if (sessions.size() > sessions_shown) text += fmt::format("; and {} more", sessions.size() - sessions_shown);
  return text;
}

PostgresServer::PostgresServer(std::unique_ptr<DatabaseConnection> connection, std::stop_token stop,
                               std::string application)
    : connection_(std::move(connection)), stop_(std::move(stop)), application_(std::move(application)) {}

Result<PostgresServer> PostgresServer::open(const PostgresRoute& route, const std::string& application,
                                            std::stop_token stop, const Clock& clock) {
  DatabaseConnectionOptions options;
  options.password = route.password;
  options.ambient_password = !route.password;
  options.statement_timeout = Nanoseconds::zero();
  options.application_name = application;
  options.where = route.where("postgres");
  auto connection = DatabaseConnection::open(options, clock);
  if (!connection) {
    options.where = route.where("template1");
    auto second = DatabaseConnection::open(options, clock);
    if (!second) return tl::unexpected(connection.error());
    connection = std::move(second);
  }
  return PostgresServer(std::move(*connection), std::move(stop), application);
}

Result<DatabaseRows> PostgresServer::run(std::string_view sql, std::initializer_list<std::string_view> parameters) {
  QueryLimits limits;
  limits.timeout = Nanoseconds::zero();
  limits.keep_going = [this] { return !stop_.stop_requested(); };
  auto rows = connection_->query(sql, parameters, limits);
  if (!rows && stop_.stop_requested() && connection_->sqlstate() == cancelled_state) {
    return fail(ExitCode::aborted, "cancelled, as asked");
  }
  return rows;
}

Result<void> PostgresServer::change(std::string_view sql) {
  if (auto rows = run(sql); !rows) return tl::unexpected(rows.error());
  return {};
}

Result<bool> PostgresServer::is_superuser() {
  const auto rows = run("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user");
  if (!rows) return tl::unexpected(rows.error());
  return rows->size() == 1 && rows->flag(0, 0);
}

Result<std::vector<PostgresSession>> PostgresServer::sessions(std::string_view database) {
  const auto rows =
      run("SELECT pid, coalesce(application_name, ''), coalesce(usename, ''), coalesce(host(client_addr), ''), "
          "coalesce(state, '') FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() "
          "AND backend_type <> 'autovacuum worker' ORDER BY pid",
          {database});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<PostgresSession> sessions;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto text = [&](std::size_t column) { return std::string(rows->text(row, column)); };
    sessions.push_back({rows->integer(row, 0), text(1), text(2), text(3), text(4)});
  }
  return sessions;
}

Result<void> PostgresServer::end_sessions(std::string_view database) {
  const auto rows =
      run("SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND pid <> "
          "pg_backend_pid() AND backend_type <> 'autovacuum worker'",
          {database});
  if (!rows) return tl::unexpected(rows.error());
  return {};
}

Result<void> PostgresServer::end_applications(std::string_view beginning) {
  const auto rows =
      run("SELECT pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity WHERE starts_with(application_name, "
          "$1) AND application_name <> $2 AND usename = current_user",
          {beginning, application_});
  if (!rows) return tl::unexpected(rows.error());
  return {};
}

Result<std::optional<std::uint64_t>> PostgresServer::size(std::string_view database) {
  const auto rows = run("SELECT pg_database_size(oid) FROM pg_catalog.pg_database WHERE datname = $1", {database});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return static_cast<std::uint64_t>(rows->integer(0, 0));
}

Result<std::uint64_t> PostgresServer::size() {
  const auto rows = run("SELECT sum(pg_database_size(oid))::bigint FROM pg_catalog.pg_database");
  if (!rows) return tl::unexpected(rows.error());
  return static_cast<std::uint64_t>(rows->integer(0, 0));
}

Result<std::string> PostgresServer::comment(std::string_view database) {
  const auto rows =
      run("SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_catalog.pg_database WHERE datname = $1",
          {database});
  if (!rows) return tl::unexpected(rows.error());
  return rows->size() == 0 ? std::string() : std::string(rows->text(0, 0));
}

Result<void> PostgresServer::set_comment(std::string_view database, std::string_view text) {
  return change(fmt::format("COMMENT ON DATABASE {} IS {}", quote_identifier(database), quote_literal(text)));
}

Result<PostgresShape> PostgresServer::shape(std::string_view database) {
  // As JSON, since the columns' names differ from version to version.
  const auto rows =
      run("SELECT pg_encoding_to_char(encoding), datcollate, datctype, coalesce(to_jsonb(d)->>'datlocprovider', 'c'), "
          "coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', '') FROM pg_catalog.pg_database d "
          "WHERE datname = $1",
          {database});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return fail(ExitCode::clone_failed, fmt::format("there is no database \"{}\"", database));
  const auto text = [&](std::size_t column) { return std::string(rows->text(0, column)); };
  PostgresShape shape{text(0), text(1), text(2), text(3).empty() ? 'c' : text(3)[0], text(4), {}};
  const auto settings =
      run("SELECT unnest(setconfig) FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = "
          "s.setdatabase WHERE setrole = 0 AND datname = $1",
          {database});
  if (!settings) return tl::unexpected(settings.error());
  for (std::size_t row = 0; row < settings->size(); ++row) shape.settings.emplace_back(settings->text(row, 0));
  return shape;
}

Result<void> PostgresServer::create_empty(std::string_view database, const PostgresShape& like) {
  std::string sql = fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}",
                                quote_identifier(database), quote_literal(like.encoding), quote_literal(like.collate),
                                quote_literal(like.ctype));
  if (like.provider == 'i') sql += " LOCALE_PROVIDER icu ICU_LOCALE " + quote_literal(like.locale);
  if (like.provider == 'b') sql += " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + quote_literal(like.locale);
  return change(sql);
}

Result<void> PostgresServer::create_copy(std::string_view database, std::string_view source) {
  return change(fmt::format("CREATE DATABASE {} TEMPLATE {}", quote_identifier(database), quote_identifier(source)));
}

Result<void> PostgresServer::apply_settings(std::string_view database, const PostgresShape& like) {
  for (const std::string& setting : like.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = setting.substr(0, equals);
    const std::string value = setting.substr(equals + 1);
    const bool is_list = std::ranges::count(list_settings, name) > 0;
    auto applied = change(fmt::format("ALTER DATABASE {} SET {} TO {}", quote_identifier(database),
                                      quote_identifier(name), is_list ? value : quote_literal(value)));
    if (!applied) return applied;
  }
  return {};
}

Result<void> PostgresServer::drop(std::string_view database, bool force) {
  return change(fmt::format("DROP DATABASE IF EXISTS {}{}", quote_identifier(database), force ? " WITH (FORCE)" : ""));
}

Result<void> PostgresServer::rename(std::string_view from, std::string_view to) {
  return change(fmt::format("ALTER DATABASE {} RENAME TO {}", quote_identifier(from), quote_identifier(to)));
}

Result<std::uint64_t> PostgresServer::tablespaces() {
  const auto rows =
      run("SELECT count(*) FROM pg_catalog.pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')");
  if (!rows) return tl::unexpected(rows.error());
  return static_cast<std::uint64_t>(rows->integer(0, 0));
}

}  // namespace understudy
