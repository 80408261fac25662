// The way to a PostgreSQL server, with the password apart, so that no argument of a tool and no document holds it.
//
// Values; pure functions; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

struct PostgresRoute {
  std::map<std::string, std::string> values;  // libpq's keywords, without database, password and application_name
  std::string database;                       // that the address named; may be empty
  std::optional<std::string> password;        // nothing: libpq finds one (PGPASSWORD, ~/.pgpass)

  // For libpq and its tools: "host='db.test' port='5432' dbname='orders' ".
  [[nodiscard]] std::string where(std::string_view database_name) const;
  // "postgres://clone@db.test:5432/orders", for messages.
  [[nodiscard]] std::string display(std::string_view database_name) const;
};

// Of any form that libpq takes. A user and a password that are not empty replace those of the address.
// ExitCode::target_invalid.
[[nodiscard]] Result<PostgresRoute> read_postgres_route(std::string_view address, const std::string& user = {},
                                                        const std::string& password = {});

// The same host and port, as they are written.
[[nodiscard]] bool is_same_server(const PostgresRoute& a, const PostgresRoute& b);

}  // namespace understudy
