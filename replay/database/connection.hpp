// A connection to a PostgreSQL server: libpq, with deadlines, bounded results and errors as Result.
//
// Every statement has the comment query_marker in it, and the application_name is "understudy", so that what this
// program asks can be told from what is measured. Statements go by the extended protocol: one at a time, with
// parameters apart from the text.
//
//   auto connection = DatabaseConnection::open({.where = "postgres://app@db.test/orders"}, system_clock());
//   auto rows = (*connection)->query("SELECT relname, relpages FROM pg_class WHERE relkind = $1", {"r"});
//   for (std::size_t row = 0; row < rows->size(); ++row) use(rows->text(row, 0), rows->integer(row, 1));
//
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

struct pg_conn;
struct pg_result;

namespace understudy {

// Behind the first word of every statement of this program, in pg_stat_statements and in the server's log. Not in front
// of it: from PostgreSQL 18 on pg_stat_statements leaves out comments there.
inline constexpr std::string_view query_marker = "/* understudy */";
[[nodiscard]] bool is_own_query(std::string_view text);

struct DatabaseConnectionOptions {
  std::string where;  // "postgres://app@db.test:5432/orders?sslmode=require", or "host=... dbname=..."
  std::optional<std::string> password;  // in place of one in `where`
  // Whether PGPASSWORD and the password file (~/.pgpass, PGPASSFILE) may give the password, as for psql. Else only the
  // two above count.
  bool ambient_password = false;
  Nanoseconds connect_timeout = std::chrono::seconds(5);
  // For each statement, on the server (statement_timeout) and, a second later, here. 0: no limit.
  Nanoseconds statement_timeout = std::chrono::seconds(30);
  std::string application_name = "understudy";
};

// Bounds of one statement. What passes a bound is an error, and nothing of it is kept.
struct QueryLimits {
  std::size_t rows_max = 100'000;
  std::size_t bytes_max = std::size_t{64} << 20U;  // of all values together
  std::optional<Nanoseconds> timeout;              // in place of the connection's; 0: no limit
  // Asked several times a second while the server works; false: the statement is cancelled, which is an error with
  // sqlstate 57014.
  std::function<bool()> keep_going = nullptr;
};

// The rows of an answer, in memory. Text stays valid as long as this object lives. Move only.
class DatabaseRows {
 public:
  [[nodiscard]] std::size_t size() const { return cells_.empty() ? 0 : cells_.size() / columns_.size(); }
  [[nodiscard]] std::size_t column_count() const { return columns_.size(); }
  // Of the first column of that name; nothing when there is none.
  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
  // REQUIRES (for all below): row < size(), column < column_count().
  [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const { return !cell(row, column).has_value(); }
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;  // "" for null
  [[nodiscard]] std::int64_t integer(std::size_t row, std::size_t column) const;   // 0 for null and no number
  [[nodiscard]] double number(std::size_t row, std::size_t column) const;          // 0 for null and no number
  [[nodiscard]] bool flag(std::size_t row, std::size_t column) const { return text(row, column) == "t"; }
  // Of a statement without rows: how many it changed, as its command tag says; 0 where it says nothing.
  [[nodiscard]] std::uint64_t changed() const { return changed_; }

 private:
  friend class DatabaseConnection;
  [[nodiscard]] const std::optional<std::string>& cell(std::size_t row, std::size_t column) const {
    return cells_[row * columns_.size() + column];
  }

  std::vector<std::string> columns_;
  std::vector<std::optional<std::string>> cells_;  // row by row
  std::uint64_t changed_ = 0;
};

class DatabaseConnection {
 public:
  // Connects and signs in. Errors never hold a password: ExitCode::target_invalid for a `where` that libpq does not
  // understand, ExitCode::tls for certificates, ExitCode::database_unfit for everything else.
  [[nodiscard]] static Result<std::unique_ptr<DatabaseConnection>> open(const DatabaseConnectionOptions& options,
                                                                        const Clock& clock);
  ~DatabaseConnection();
  DatabaseConnection(const DatabaseConnection&) = delete;
  DatabaseConnection& operator=(const DatabaseConnection&) = delete;

  // One statement and its rows. Parameters are $1, $2, ..., sent as text; nothing is null. Errors are
  // ExitCode::database_unfit, or ExitCode::permission where the server says so (SQLSTATE 42501); they show the first
  // words of the statement. A server that does not answer in time ends the connection.
  [[nodiscard]] Result<DatabaseRows> query(std::string_view sql,
                                           std::initializer_list<std::string_view> parameters = {},
                                           const QueryLimits& limits = {});

  // Of the last error that the server reported: "42501"; empty where the last statement succeeded or nobody answered.
  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
  // False once the server is gone, was restarted, or did not answer in time: everything further fails.
  [[nodiscard]] bool is_alive() const;

  [[nodiscard]] int server_version() const;  // 150018, 180001
  [[nodiscard]] int backend_pid() const;     // in the server's own process namespace
  [[nodiscard]] std::string database() const;
  [[nodiscard]] std::string user() const;
  // Through a Unix domain socket, or to a loopback address. The server may still be in another process namespace.
  [[nodiscard]] bool is_local() const;
  // "postgres://app@db.test:5432/orders": without a password.
  [[nodiscard]] const std::string& display() const { return display_; }

 private:
  DatabaseConnection(pg_conn* connection, const DatabaseConnectionOptions& options, std::string display,
                     const Clock& clock);
  [[nodiscard]] Result<void> set_server_timeout(Nanoseconds timeout);
  [[nodiscard]] Result<DatabaseRows> run(std::string_view sql, const std::vector<std::string>& parameters,
                                         const QueryLimits& limits, Nanoseconds timeout);
  [[nodiscard]] Result<DatabaseRows> collect(std::string_view sql, const QueryLimits& limits, MonotonicTime deadline);
  [[nodiscard]] bool wait_answer(MonotonicTime deadline, const QueryLimits& limits, bool& cancelled);
  static void take_rows(const pg_result& result, DatabaseRows& rows, std::size_t& bytes);
  [[nodiscard]] tl::unexpected<Error> failed(std::string_view sql, std::string_view what,
                                             ExitCode code = ExitCode::database_unfit) const;
  [[nodiscard]] tl::unexpected<Error> server_error(std::string_view sql, const pg_result& result);

  pg_conn* connection_;  // owned
  const Clock& clock_;
  Nanoseconds session_timeout_;                // what the options say
  std::optional<Nanoseconds> server_timeout_;  // what the server was told last
  std::string display_;
  std::string sqlstate_;
  bool is_broken_ = false;
};

// "postgres://app@db.test:5432/orders" for any form that libpq takes, without a password and other parameters.
// ExitCode::target_invalid, with libpq's words but no part of a password.
[[nodiscard]] Result<std::string> display_database(std::string_view where);

// Names and texts inside statements where the server takes no parameters, such as CREATE DATABASE (PostgreSQL manual,
// 4.1.1 and 4.1.2). REQUIRES: no NUL in it.
[[nodiscard]] std::string quote_identifier(std::string_view name);
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace understudy
