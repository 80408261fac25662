// What cloning wants of a PostgreSQL server, in SQL.
//
// Connects to the maintenance database "postgres", and where that is refused to "template1", since nobody may be
// connected to what is copied. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "replay/clone/postgres_route.hpp"
#include "replay/database/connection.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Who is connected to a database.
struct PostgresSession {
  std::int64_t pid = 0;
  std::string application, user, address, state;
};

// "pid 4711 (application "api", user app, from 10.0.0.7, idle)", 20 of them at most, and how many more there are.
[[nodiscard]] std::string to_text(const std::vector<PostgresSession>& sessions);

// What a database has besides its content.
struct PostgresShape {
  std::string encoding, collate, ctype;
  char provider = 'c';                // of the locale: c, i (ICU), b (built in, from 17 on)
  std::string locale;                 // of ICU or built in
  std::vector<std::string> settings;  // "search_path=app, public", for every role
};

class PostgresServer {
 public:
  // `application` is what this program's sessions are called, 63 bytes at most. The clock outlives the object.
  [[nodiscard]] static Result<PostgresServer> open(const PostgresRoute& route, const std::string& application,
                                                   std::stop_token stop, const Clock& clock);

  [[nodiscard]] int version() const { return connection_->server_version(); }
  // "postgres://clone@db.test:5432/postgres".
  [[nodiscard]] const std::string& display() const { return connection_->display(); }
  [[nodiscard]] Result<bool> is_superuser();

  // Sessions of others on a database, by pid.
  [[nodiscard]] Result<std::vector<PostgresSession>> sessions(std::string_view database);
  [[nodiscard]] Result<void> end_sessions(std::string_view database);
  // Ends the sessions whose application's name begins so, but for those of this object's own name.
  [[nodiscard]] Result<void> end_applications(std::string_view beginning);

  // Bytes on disk; nothing: there is no such database.
  [[nodiscard]] Result<std::optional<std::uint64_t>> size(std::string_view database);
  // Of all databases.
  [[nodiscard]] Result<std::uint64_t> size();
  // "" where there is none.
  [[nodiscard]] Result<std::string> comment(std::string_view database);
  [[nodiscard]] Result<void> set_comment(std::string_view database, std::string_view text);

  // A database without content, with the encoding, locale and settings (ALTER DATABASE ... SET) of one here or on
  // another server; or, as a template, also with its content.
  [[nodiscard]] Result<PostgresShape> shape(std::string_view database);
  [[nodiscard]] Result<void> create_empty(std::string_view database, const PostgresShape& like);
  [[nodiscard]] Result<void> create_copy(std::string_view database, std::string_view source);
  [[nodiscard]] Result<void> apply_settings(std::string_view database, const PostgresShape& like);
  // With the sessions on it, if `force`. No error where there is none.
  [[nodiscard]] Result<void> drop(std::string_view database, bool force);
  [[nodiscard]] Result<void> rename(std::string_view from, std::string_view to);
  // Tablespaces outside of the server's folder.
  [[nodiscard]] Result<std::uint64_t> tablespaces();
  // Of the last error: "55006".
  [[nodiscard]] const std::string& sqlstate() const { return connection_->sqlstate(); }

 private:
  PostgresServer(std::unique_ptr<DatabaseConnection> connection, std::stop_token stop, std::string application);
  // As long as it takes, until a stop is requested (ExitCode::aborted).
  [[nodiscard]] Result<void> change(std::string_view sql);
  [[nodiscard]] Result<DatabaseRows> run(std::string_view sql, std::initializer_list<std::string_view> parameters = {});

  std::unique_ptr<DatabaseConnection> connection_;
  std::stop_token stop_;
  std::string application_;
};

}  // namespace understudy
