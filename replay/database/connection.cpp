#include "replay/database/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "replay/database/connection_text.hpp"
#include "traffic/base/check.hpp"
#include "traffic/base/native_socket.hpp"

namespace understudy {
namespace {

using std::chrono::milliseconds;

constexpr Nanoseconds wait_step = milliseconds(100);           // how often keep_going is asked
constexpr Nanoseconds answer_grace = std::chrono::seconds(1);  // for the server's own time-out to be reported
constexpr Nanoseconds cancel_grace = std::chrono::seconds(5);
constexpr std::size_t shown_statement_size_max = 80;

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ResultDeleter>;

// libpq's messages are several lines.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = c == '\n' || c == '\t' || c == ' ' || c == '\r';
    if (!is_space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

ExitCode code_of_failure(std::string_view message) {
  const auto has = [&](std::string_view part) { return message.find(part) != std::string_view::npos; };
  return has("certificate") || has("SSL error") || has("SSL negotiation") ? ExitCode::tls : ExitCode::database_unfit;
}

NativeSocket socket_of(const PGconn* connection) { return static_cast<NativeSocket>(PQsocket(connection)); }

// Waits until the socket can be read, or written where that is wanted.
void wait_socket(const PGconn* connection, bool to_write, Nanoseconds time) {
  const SocketEvent event = to_write ? SocketEvent::either : SocketEvent::readable;
  static_cast<void>(wait_for_socket(socket_of(connection), event, std::max(time, Nanoseconds{})));
}

// True when it is connected or refused; false when the time is over.
bool finish_connecting(PGconn* connection, MonotonicTime deadline, const Clock& clock) {
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    const Nanoseconds left = deadline - clock.monotonic_now();
    if (left.count() <= 0) return false;
    const SocketEvent event = state == PGRES_POLLING_WRITING ? SocketEvent::writable : SocketEvent::readable;
    if (wait_for_socket(socket_of(connection), event, left) == SocketWait::ready) {
      state = PQconnectPoll(connection);
    }
  }
  return true;
}

// "SELECT /* understudy */ 1".
std::string marked(std::string_view sql) {
  const std::size_t end = std::min(sql.find_first_of(" \n"), sql.size());
  return fmt::format("{} {}{}", sql.substr(0, end), query_marker, sql.substr(end));
}

std::string shown_statement(std::string_view sql) {
  std::string line = one_line(sql);
  if (line.size() > shown_statement_size_max) line = line.substr(0, shown_statement_size_max) + "...";
  return line;
}

}  // namespace

bool is_own_query(std::string_view text) {
  constexpr std::size_t first_word_max = 20;
  const std::size_t at = text.find(query_marker);
  return at != std::string_view::npos && at <= first_word_max;
}

std::optional<std::size_t> DatabaseRows::column(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

std::string_view DatabaseRows::text(std::size_t row, std::size_t column) const {
  CHECK(row < size() && column < columns_.size());
  const auto& value = cell(row, column);
  return value ? std::string_view(*value) : std::string_view();
}

std::int64_t DatabaseRows::integer(std::size_t row, std::size_t column) const {
  const std::string_view digits = text(row, column);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{}) return 0;
  // A numeric such as 12.0 is larger than a bigint or has decimals: read it as a number.
  return end == digits.data() + digits.size() ? value : static_cast<std::int64_t>(number(row, column));
}

double DatabaseRows::number(std::size_t row, std::size_t column) const {
  const std::string_view digits = text(row, column);
  double value = 0;
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

DatabaseConnection::DatabaseConnection(pg_conn* connection, const DatabaseConnectionOptions& options,
                                       std::string display, const Clock& clock)
    : connection_(connection),
      clock_(clock),
      session_timeout_(options.statement_timeout),
      display_(std::move(display)) {}

DatabaseConnection::~DatabaseConnection() { PQfinish(connection_); }

Result<std::unique_ptr<DatabaseConnection>> DatabaseConnection::open(const DatabaseConnectionOptions& options,
                                                                     const Clock& clock) {
  auto values = read_conninfo(options.where);
  if (!values) return tl::unexpected(values.error());
  const std::string shown = *display_database(options.where);
  if (options.password) (*values)["password"] = *options.password;
  if (!options.ambient_password) {
    // An empty password in a connection string, unlike none, keeps PGPASSWORD out; the file must be named away.
    (*values).try_emplace("password", "");
    (*values)["passfile"] = "/dev/null";
  }
  (*values)["application_name"] = options.application_name;
  (*values)["client_encoding"] = "UTF8";
  PGconn* raw = PQconnectStart(write_conninfo(*values).c_str());
  if (raw == nullptr) return fail(ExitCode::internal, "no memory for a connection to a database");
  std::unique_ptr<DatabaseConnection> made(new DatabaseConnection(raw, options, shown, clock));
  PQsetNoticeProcessor(
      raw, [](void*, const char*) {}, nullptr);
  const MonotonicTime deadline = clock.monotonic_now() + options.connect_timeout;
  if (PQstatus(raw) != CONNECTION_BAD && !finish_connecting(raw, deadline, clock)) {
    return fail(ExitCode::database_unfit,
                fmt::format("cannot connect to {}: no answer within {} ms; is the server there, and is it PostgreSQL?",
                            shown, std::chrono::duration_cast<milliseconds>(options.connect_timeout).count()));
  }
  if (PQstatus(raw) != CONNECTION_OK) {
    const std::string message = one_line(PQerrorMessage(raw));
    return fail(code_of_failure(message), fmt::format("cannot connect to {}: {}", shown, message));
  }
  made->display_ = database_url(PQuser(raw), PQhost(raw), PQport(raw), PQdb(raw));
  if (auto set = made->set_server_timeout(options.statement_timeout); !set) return tl::unexpected(set.error());
  return made;
}

// By a statement, not by a startup option: a pooler in between may refuse the latter.
Result<void> DatabaseConnection::set_server_timeout(Nanoseconds timeout) {
  if (server_timeout_ == timeout) return {};
  const auto ms = std::chrono::duration_cast<milliseconds>(timeout).count();
  auto set = run("SELECT set_config('statement_timeout', $1, false)", {std::to_string(ms)}, {}, session_timeout_);
  if (!set) return tl::unexpected(set.error());
  server_timeout_ = timeout;
  return {};
}

bool DatabaseConnection::is_alive() const {
  if (is_broken_ || PQstatus(connection_) != CONNECTION_OK) return false;
  // Between statements a server has nothing to say, unless it ended the connection: libpq would only notice in the
  // next.
  return wait_for_socket(socket_of(connection_), SocketEvent::readable, Nanoseconds{}) == SocketWait::elapsed;
}
int DatabaseConnection::server_version() const { return PQserverVersion(connection_); }
int DatabaseConnection::backend_pid() const { return PQbackendPID(connection_); }
std::string DatabaseConnection::database() const { return PQdb(connection_); }
std::string DatabaseConnection::user() const { return PQuser(connection_); }

bool DatabaseConnection::is_local() const {
  const std::string_view host = PQhost(connection_);
  const std::string_view address = PQhostaddr(connection_);
  return host.starts_with('/') || host.starts_with('@') || address.starts_with("127.") || address == "::1";
}

// True when the next result can be taken, or the connection failed. `deadline` at the epoch: none.
bool DatabaseConnection::wait_answer(MonotonicTime deadline, const QueryLimits& limits, bool& cancelled) {
  while (true) {
    const bool to_write = PQflush(connection_) == 1;
    if (PQconsumeInput(connection_) == 0) return true;
    if (PQisBusy(connection_) == 0) return true;
    Nanoseconds step = wait_step;
    if (deadline != MonotonicTime{}) {
      const Nanoseconds left = deadline - clock_.monotonic_now();
      if (left.count() <= 0) return false;
      step = std::min(step, left);
    }
    wait_socket(connection_, to_write, step);
    if (!cancelled && limits.keep_going && !limits.keep_going()) {
      cancelled = true;
      const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection_), &PQfreeCancel);
      std::array<char, 256> message{};
      if (!cancel || PQcancel(cancel.get(), message.data(), static_cast<int>(message.size())) == 0) return false;
      deadline = clock_.monotonic_now() + cancel_grace;
    }
  }
}

Result<DatabaseRows> DatabaseConnection::query(std::string_view sql, std::initializer_list<std::string_view> parameters,
                                               const QueryLimits& limits) {
  const Nanoseconds timeout = limits.timeout.value_or(session_timeout_);
  if (auto set = set_server_timeout(timeout); !set) return tl::unexpected(set.error());
  return run(sql, {parameters.begin(), parameters.end()}, limits, timeout);
}

tl::unexpected<Error> DatabaseConnection::failed(std::string_view sql, std::string_view what, ExitCode code) const {
  return fail(code, fmt::format("{}: {} (in \"{}\")", display_, what, shown_statement(sql)));
}

Result<DatabaseRows> DatabaseConnection::run(std::string_view sql, const std::vector<std::string>& parameters,
                                             const QueryLimits& limits, Nanoseconds timeout) {
  sqlstate_.clear();
  if (!is_alive()) return failed(sql, "the connection is lost");
  std::vector<const char*> values;
  for (const std::string& text : parameters) values.push_back(text.c_str());
  const std::string statement = marked(sql);
  if (PQsendQueryParams(connection_, statement.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                        nullptr, nullptr, 0) == 0) {
    is_broken_ = true;
    return failed(sql, one_line(PQerrorMessage(connection_)));
  }
  (void)PQsetSingleRowMode(connection_);
  const MonotonicTime deadline =
      timeout.count() == 0 ? MonotonicTime{} : clock_.monotonic_now() + timeout + answer_grace;
  return collect(sql, limits, deadline);
}

// All results of one statement: rows one by one, then the end.
Result<DatabaseRows> DatabaseConnection::collect(std::string_view sql, const QueryLimits& limits,
                                                 MonotonicTime deadline) {
  DatabaseRows rows;
  std::optional<Error> error;
  std::size_t bytes = 0;
  bool cancelled = false;
  is_broken_ = true;  // until it was read to its end
  while (true) {
    if (!wait_answer(deadline, limits, cancelled)) {
      return failed(sql, "the server did not answer in time; the connection was ended");
    }
    const ResultPointer result(PQgetResult(connection_));
    if (!result) break;
    switch (PQresultStatus(result.get())) {
      case PGRES_SINGLE_TUPLE:
      case PGRES_TUPLES_OK: take_rows(*result, rows, bytes); break;
      case PGRES_COMMAND_OK: {
        const std::string_view count = PQcmdTuples(result.get());
        (void)std::from_chars(count.data(), count.data() + count.size(), rows.changed_);
        break;
      }
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH: return failed(sql, "COPY is not possible here; the connection was ended");
      default: error = server_error(sql, *result).value();
    }
    if (rows.size() > limits.rows_max || bytes > limits.bytes_max) {
      return failed(sql, fmt::format("the answer is larger than {} rows or {} bytes; the connection was ended",
                                     limits.rows_max, limits.bytes_max));
    }
  }
  is_broken_ = PQstatus(connection_) != CONNECTION_OK;
  if (error) return tl::unexpected(std::move(*error));
  return rows;
}

void DatabaseConnection::take_rows(const pg_result& result, DatabaseRows& rows, std::size_t& bytes) {
  const int columns = PQnfields(&result);
  if (rows.columns_.empty()) {
    for (int column = 0; column < columns; ++column) rows.columns_.emplace_back(PQfname(&result, column));
  }
  for (int row = 0; row < PQntuples(&result); ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(&result, row, column) != 0) {
        rows.cells_.emplace_back(std::nullopt);
        continue;
      }
      const auto size = static_cast<std::size_t>(PQgetlength(&result, row, column));
      rows.cells_.emplace_back(std::string(PQgetvalue(&result, row, column), size));
      bytes += size;
    }
  }
}

tl::unexpected<Error> DatabaseConnection::server_error(std::string_view sql, const pg_result& result) {
  const char* state = PQresultErrorField(&result, PG_DIAG_SQLSTATE);
  sqlstate_ = state == nullptr ? "" : state;
  const std::string message = one_line(PQresultErrorMessage(&result));
  const ExitCode code = sqlstate_ == "42501" ? ExitCode::permission : ExitCode::database_unfit;
  return failed(sql, sqlstate_.empty() ? message : fmt::format("{} [SQLSTATE {}]", message, sqlstate_), code);
}

}  // namespace understudy
