#include "scripts/demo/migration/database.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace understudy {
namespace {

// An idle connection has nothing to say, unless the server ended it.
bool is_alive(PGconn* connection) {
  if (PQstatus(connection) != CONNECTION_OK) return false;
  pollfd descriptor{PQsocket(connection), POLLIN, 0};
  return ::poll(&descriptor, 1, 0) == 0;
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& character : text) {
    if (character == '\n') character = ' ';
  }
  return text;
}

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

QueryRows rows_of(const PGresult* result) {
  QueryRows rows(static_cast<std::size_t>(PQntuples(result)));
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      rows[static_cast<std::size_t>(row)].emplace_back(PQgetvalue(result, row, column));
    }
  }
  return rows;
}

}  // namespace

void Database::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Database::Database(std::string conninfo, std::size_t connections_max)
    : conninfo_(std::move(conninfo)), free_(connections_max) {}

Database::~Database() = default;

Database::Connection Database::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !free_.empty(); });
  Connection connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

void Database::give_back(Connection connection) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(connection));
  }
  changed_.notify_one();
}

Result<void> Database::make_usable(Connection& connection) const {
  if (connection && is_alive(connection.get())) return {};
  connection.reset(PQconnectdb(conninfo_.c_str()));
  if (PQstatus(connection.get()) == CONNECTION_OK) return {};
  const std::string reason = one_line(PQerrorMessage(connection.get()));
  connection.reset();
  return fail(ExitCode::environment_unfit, fmt::format("cannot connect to the database: {}", reason));
}

Result<QueryRows> Database::query(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  Connection connection = take();
  Result<QueryRows> answer;
  if (const Result<void> usable = make_usable(connection); !usable) {
    answer = tl::unexpected(usable.error());
  } else {
    const std::unique_ptr<PGresult, Clear> result(PQexecParams(
        connection.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      answer = rows_of(result.get());
    } else {
      answer = fail(ExitCode::environment_unfit,
                    fmt::format("the database refused: {}", one_line(PQerrorMessage(connection.get()))));
    }
  }
  give_back(std::move(connection));
  return answer;
}

}  // namespace understudy
