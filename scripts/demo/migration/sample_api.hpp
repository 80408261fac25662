// The service of the story: readings of devices, of which the newest one is asked for most.
//
//   GET  /customers/{C}/devices/{D}/readings/newest   the frequent query: the newest row of a subset
//   POST /readings   {"Customer": C, "Device": "D", "Value": V}   INSERT; 201
//   GET  /customers/{C}                               a query that the migration does not touch
//   GET  /health, /test, /admin/statistics; PUT /admin/maintenance {"MaintenanceMode": true|false} docs/environment.md
//
// C is an integer of up to nine digits, D a GUID in lower case. The SQL is the same for both schemas: the server takes
// the types of $1 and $2 from the columns. A request's traceparent header goes into its statements as a comment, so
// that the server's log tells which request caused which statement.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "scripts/demo/migration/database.hpp"
#include "traffic/base/error.hpp"

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace understudy {

struct SampleApiOptions {
  std::string conninfo;
  std::size_t database_connections = 8;
  std::string build_version;
  std::string build_timestamp;
};

// Thread safe.
class SampleApi {
 public:
  explicit SampleApi(SampleApiOptions options);
  // Puts the endpoints into the server; this object outlives it.
  void install(httplib::Server& server);

 private:
  void newest_reading(const httplib::Request& request, httplib::Response& response);
  void insert_reading(const httplib::Request& request, httplib::Response& response);
  void customer(const httplib::Request& request, httplib::Response& response);
  void health(httplib::Response& response);
  void test(httplib::Response& response);
  void statistics(httplib::Response& response);
  void set_maintenance(const httplib::Request& request, httplib::Response& response);
  [[nodiscard]] bool is_connected();

  const SampleApiOptions options_;
  Database database_;
  std::atomic<bool> maintenance_{false};
};

}  // namespace understudy
