// A few connections to PostgreSQL, shared by the threads of a service.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "traffic/base/error.hpp"

struct pg_conn;

namespace understudy {

// Rows of columns in PostgreSQL's text format; "" for null. Few and small: the service asks for nothing else.
using QueryRows = std::vector<std::vector<std::string>>;

// Thread safe. A connection that the server has closed (a restart of the database) is made again before its next use.
class Database {
 public:
  // `conninfo` as libpq takes it: a URI or keywords. Passwords come from PGPASSFILE, never from the command line.
  // Connects at first use, so a service starts without its database and says so in /health.
  Database(std::string conninfo, std::size_t connections_max);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One statement with text parameters $1, $2, ... whose types the server takes from the columns that they are compared
  // with. Waits until a connection is free. ExitCode::environment_unfit with the server's words.
  [[nodiscard]] Result<QueryRows> query(const std::string& sql, const std::vector<std::string>& parameters);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  using Connection = std::unique_ptr<pg_conn, Close>;

  [[nodiscard]] Connection take();
  void give_back(Connection connection);
  [[nodiscard]] Result<void> make_usable(Connection& connection) const;

  const std::string conninfo_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Connection> free_;  // null: not connected yet
};

}  // namespace understudy
