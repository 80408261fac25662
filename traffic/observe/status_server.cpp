#include "traffic/observe/status_server.hpp"

#include <httplib.h>

#include "traffic/base/json_text.hpp"
#include "traffic/observe/bounded_server.hpp"
#include "traffic/observe/log.hpp"
#include "traffic/observe/metrics.hpp"

namespace understudy {
namespace {

constexpr std::size_t thread_count = 2;
constexpr std::size_t waiting_max = 16;
constexpr std::size_t bytes_read_max = 16 * 1024;
constexpr std::size_t body_bytes_max = 1024;

void write_health(JsonWriter& json, const HealthReport& health) {
  json.begin_object();
  json.member("BuildVersion", health.build_version).member("BuildTimestamp", health.build_timestamp);
  json.member("DatabaseConnectivity", health.database_connectivity).member("MaintenanceMode", health.maintenance_mode);
  if (!health.healthy) json.member("Reason", health.reason);
  json.end_object();
}

void answer(httplib::Response& response, int status, const std::string& body, std::string_view content_type) {
  response.status = status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(body, std::string(content_type));
}

void answer_path(const StatusHandlers& handlers, const std::string& path, httplib::Response& response) {
  constexpr std::string_view json_type = "application/json";
  if (path == "/health") {
    const HealthReport health = handlers.health();
    answer(response, health.healthy ? 200 : 503, health_json(health), json_type);
  } else if (path == "/test") {
    const HealthReport health = handlers.health();
    answer(response, health.healthy && !health.maintenance_mode ? 200 : 503, test_json(health, handlers.tests()),
           json_type);
  } else if (path == "/metrics") {
    answer(response, 200, handlers.metrics(), metrics_content_type);
  } else if (path == "/status") {
    answer(response, 200, handlers.status(), json_type);
  } else {
    answer(response, 404, "There are /health, /test, /metrics and /status.\n", "text/plain");
  }
}

class StatusHttpServer final : public BoundedServer {
 public:
  StatusHttpServer(StatusHandlers handlers, Nanoseconds connection_time_max)
      : BoundedServer({thread_count, waiting_max, body_bytes_max, {connection_time_max, bytes_read_max}}),
        handlers_(std::move(handlers)) {
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      respond(request, response);
      return HandlerResponse::Handled;
    });
  }
  ~StatusHttpServer() override { end(); }
  StatusHttpServer(const StatusHttpServer&) = delete;
  StatusHttpServer& operator=(const StatusHttpServer&) = delete;

 private:
  void respond(const httplib::Request& request, httplib::Response& response) const {
    if (request.method != "GET" && request.method != "HEAD") {
      response.set_header("Allow", "GET, HEAD");
      answer(response, 405, "Only GET and HEAD.\n", "text/plain");
      return;
    }
    try {
      answer_path(handlers_, request.path, response);
    } catch (const std::exception& error) {
      log_error("the status server could not answer", {{"path", request.path}, {"reason", error.what()}});
      answer(response, 500, "The agent could not tell its state; its log says why.\n", "text/plain");
    }
  }

  StatusHandlers handlers_;
};

}  // namespace

std::string health_json(const HealthReport& health) {
  JsonWriter json;
  write_health(json, health);
  return json.take();
}

std::string test_json(const HealthReport& health, const std::vector<TestResult>& tests) {
  JsonWriter json;
  json.begin_object().key("Health");
  write_health(json, health);
  json.key("Tests").begin_array();
  for (const TestResult& test : tests) {
    json.begin_object();
    json.member("Name", test.name).member("Description", test.description).member("Endpoint", test.endpoint);
    json.member("Success", test.success).key("Error");
    test.error.empty() ? json.null() : json.value(test.error);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

struct StatusServer::State {
  State(StatusHandlers handlers, Nanoseconds connection_time_max) : server(std::move(handlers), connection_time_max) {}

  StatusHttpServer server;
};

Result<std::unique_ptr<StatusServer>> StatusServer::start(std::string_view address, StatusHandlers handlers,
                                                          Nanoseconds connection_time_max) {
  auto state = std::make_unique<State>(std::move(handlers), connection_time_max);
  if (auto started = state->server.start(address, "the status", "--status-address"); !started) {
    return tl::unexpected(started.error());
  }
  return std::unique_ptr<StatusServer>(new StatusServer(std::move(state)));
}

StatusServer::StatusServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

StatusServer::~StatusServer() { state_->server.end(); }

std::uint16_t StatusServer::port() const { return state_->server.port(); }

const std::string& StatusServer::url() const { return state_->server.url(); }

}  // namespace understudy
