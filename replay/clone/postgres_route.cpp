#include "replay/clone/postgres_route.hpp"

#include "replay/database/connection_text.hpp"

namespace understudy {
namespace {

// Takes a value out of the map; "" where it is not there.
[[nodiscard]] std::string take(std::map<std::string, std::string>& values, const std::string& name) {
  const auto node = values.extract(name);
  return node ? node.mapped() : std::string();
}

[[nodiscard]] std::string value_of(const PostgresRoute& route, const std::string& name) {
  const auto found = route.values.find(name);
  return found == route.values.end() ? std::string() : found->second;
}

[[nodiscard]] std::string host_of(const PostgresRoute& route) {
  std::string host = value_of(route, "host");
  return host.empty() ? value_of(route, "hostaddr") : host;
}

[[nodiscard]] std::string port_of(const PostgresRoute& route) {
  std::string port = value_of(route, "port");
  return port.empty() ? "5432" : port;
}

}  // namespace

std::string PostgresRoute::where(std::string_view database_name) const {
  auto all = values;
  all["dbname"] = database_name;
  return write_conninfo(all);
}

std::string PostgresRoute::display(std::string_view database_name) const {
  return database_url(value_of(*this, "user"), host_of(*this), value_of(*this, "port"), std::string(database_name));
}

Result<PostgresRoute> read_postgres_route(std::string_view address, const std::string& user,
                                          const std::string& password) {
  auto values = read_conninfo(address);
  if (!values) return tl::unexpected(values.error());
  PostgresRoute route;
  route.database = take(*values, "dbname");
  std::string found = take(*values, "password");
  (void)take(*values, "application_name");
  if (!user.empty()) (*values)["user"] = user;
  if (!password.empty()) found = password;
  if (!found.empty()) route.password = std::move(found);
  route.values = std::move(*values);
  return route;
}

bool is_same_server(const PostgresRoute& a, const PostgresRoute& b) {
  return host_of(a) == host_of(b) && port_of(a) == port_of(b);
}

}  // namespace understudy
