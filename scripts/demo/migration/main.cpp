// migration-sample-api: a service over PostgreSQL whose schema was designed badly, to rehearse its migration.
//
// usage: migration-sample-api --listen 127.0.0.1:8080 --database "host=/run/db dbname=shop" [--build-version 1.0.0]
//
// The database is made by schema.sql and data.sql; migration.sql is what is rehearsed. SIGTERM ends it. What it serves
// is in sample_api.hpp. It has no access control: it is for loopback and test namespaces.
#include <fmt/format.h>
#include <httplib.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>

#include "scripts/demo/migration/sample_api.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/shutdown.hpp"

namespace understudy {
namespace {

int stop_with(const Error& error) {
  fmt::print(stderr, "migration-sample-api: {}\n", error.message);
  return static_cast<int>(error.code);
}

// A keep-alive connection holds a thread, so there are as many as connections are expected.
constexpr std::size_t threads_max = 256;

int serve(const Endpoint& endpoint, SampleApiOptions options) {
  Result<std::unique_ptr<ControlSignals>> signals = ControlSignals::install();
  if (!signals) return stop_with(signals.error());
  SampleApi api(std::move(options));
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(threads_max); };  // httplib takes it over
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000);
  server.set_keep_alive_timeout(60);
  api.install(server);
  if (!server.bind_to_port(endpoint.address.to_string().c_str(), endpoint.port)) {
    return stop_with(
        {ExitCode::address_in_use, fmt::format("cannot listen on {}; is the port taken?", endpoint.to_string())});
  }
  std::thread listener([&] { server.listen_after_bind(); });
  fmt::print("listening on {}\n", endpoint.to_string());
  std::fflush(stdout);
  while ((*signals)->wait(std::chrono::seconds(60)) != ControlEvent::stop) {
  }
  server.stop();
  listener.join();
  return 0;
}

int run(int count, char** values) {
  CLI::App app("A service over PostgreSQL, to rehearse a migration of its schema.");
  std::string listen = "127.0.0.1:8080";
  SampleApiOptions options;
  options.build_version = "1.0.0";
  options.build_timestamp = "2026-01-02T03:04:05+00:00";
  app.add_option("--listen", listen, "Address and port")->capture_default_str();
  app.add_option("--database", options.conninfo, "libpq URI or keywords; passwords come from PGPASSFILE")->required();
  app.add_option("--database-connections", options.database_connections, "At most so many")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--build-version", options.build_version, "What /health tells")->capture_default_str();
  app.add_option("--build-timestamp", options.build_timestamp, "What /health tells")->capture_default_str();
  CLI11_PARSE(app, count, values);
  const std::optional<Endpoint> endpoint = Endpoint::parse(listen);
  if (!endpoint) return stop_with({ExitCode::usage, "--listen wants an address and a port, such as 127.0.0.1:8080"});
  return serve(*endpoint, std::move(options));
}

}  // namespace
}  // namespace understudy

int main(int count, char** values) {
  try {
    return understudy::run(count, values);
  } catch (const std::exception& error) {
    fmt::print(stderr, "migration-sample-api: {}\n", error.what());
    return 1;
  }
}
