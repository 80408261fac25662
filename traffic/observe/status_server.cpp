#include "traffic/observe/status_server.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "traffic/base/endpoint.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/observe/log.hpp"
#include "traffic/observe/metrics.hpp"
#include "traffic/observe/status_stream.hpp"

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

// A fixed number of threads. When `waiting_max` connections wait, the accepting thread waits as well, and the kernel's
// short backlog holds the rest.
class BoundedThreads : public httplib::TaskQueue {
 public:
  BoundedThreads() {
    for (std::size_t i = 0; i < thread_count; ++i) threads_.emplace_back([this] { work(); });
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return tasks_.size() < waiting_max; });
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work() {
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      changed_.notify_all();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

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

class BoundedServer : public httplib::Server {
 public:
  BoundedServer(StatusHandlers handlers, Nanoseconds connection_time_max)
      : handlers_(std::move(handlers)), limits_{connection_time_max, bytes_read_max} {
    new_task_queue = [] { return new BoundedThreads; };  // httplib takes it over
    set_payload_max_length(body_bytes_max);
    // httplib's default is SO_REUSEPORT, with which a second agent would share the port instead of failing.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char*>(&yes), sizeof yes);
    });
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      respond(request, response);
      return HandlerResponse::Handled;
    });
  }

  void stop_soon() {
    stopping_.store(true);
    stop();
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    StatusStream stream(socket, limits_, stopping_);
    bool closed = false;
    const bool done = process_request(stream, true, closed, nullptr);
    stream.finish();
    ::close(socket);
    return done;
  }

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
  const StatusStream::Limits limits_;
  std::atomic<bool> stopping_{false};
};

Result<Endpoint> parse_address(std::string_view text) {
  const auto refuse = [&] {
    return fail(ExitCode::usage, fmt::format("cannot listen on '{}': not an address and a port; use for example "
                                             "127.0.0.1:9600 or [::1]:9600",
                                             text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse();
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  if (host.starts_with('[') != host.ends_with(']')) return refuse();
  const bool bracketed = host.size() > 2 && host.starts_with('[');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const std::optional<IpAddress> address = IpAddress::parse(host);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  const bool port_read = error == std::errc{} && end == port_text.data() + port_text.size() && !port_text.empty();
  if (!address || address->is_v6 != bracketed || !port_read) return refuse();
  return Endpoint{*address, port};
}

tl::unexpected<Error> bind_error(std::string_view address, int reason) {
  const std::string words = std::generic_category().message(reason);
  if (reason == EADDRINUSE) {
    return fail(
        ExitCode::address_in_use,
        fmt::format("cannot serve the status on {}: {}; another agent may run already: choose another port with "
                    "--status-address, port 0 for any free one, or 'off'",
                    address, words));
  }
  if (reason == EACCES) {
    return fail(ExitCode::permission, fmt::format("cannot serve the status on {}: {}; choose a port above 1023 with "
                                                  "--status-address",
                                                  address, words));
  }
  return fail(ExitCode::usage, fmt::format("cannot serve the status on {}: {}; choose an address of this host with "
                                           "--status-address",
                                           address, words));
}

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

  BoundedServer server;
  std::thread accepting;
  std::atomic<bool> accepting_ended{false};
  std::uint16_t port = 0;
  std::string url;
};

Result<std::unique_ptr<StatusServer>> StatusServer::start(std::string_view address, StatusHandlers handlers,
                                                          Nanoseconds connection_time_max) {
  const Result<Endpoint> endpoint = parse_address(address);
  if (!endpoint) return tl::unexpected(endpoint.error());
  auto state = std::make_unique<State>(std::move(handlers), connection_time_max);
  const std::string host = endpoint->address.to_string();
  errno = 0;
  if (endpoint->port == 0) {
    const int picked = state->server.bind_to_any_port(host);
    if (picked <= 0) return bind_error(address, errno);
    state->port = static_cast<std::uint16_t>(picked);
  } else {
    if (!state->server.bind_to_port(host, endpoint->port)) return bind_error(address, errno);
    state->port = endpoint->port;
  }
  state->url = "http://" + Endpoint{endpoint->address, state->port}.to_string();
  State& shared = *state;
  shared.accepting = std::thread([&shared] {
    shared.server.listen_after_bind();
    shared.accepting_ended.store(true);
  });
  // stop() does nothing before the server runs, so the object must not be handed out before.
  while (!shared.server.is_running() && !shared.accepting_ended.load()) std::this_thread::yield();
  return std::unique_ptr<StatusServer>(new StatusServer(std::move(state)));
}

StatusServer::StatusServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

StatusServer::~StatusServer() {
  state_->server.stop_soon();
  state_->accepting.join();
}

std::uint16_t StatusServer::port() const { return state_->port; }

const std::string& StatusServer::url() const { return state_->url; }

}  // namespace understudy
