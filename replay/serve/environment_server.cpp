#include "replay/serve/environment_server.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "replay/clone/postgres_clone.hpp"
#include "replay/serve/clone_desk.hpp"
#include "replay/serve/contract.hpp"
#include "replay/serve/environment_routes.hpp"
#include "replay/serve/serve_access.hpp"
#include "replay/serve/service_checks.hpp"
#include "replay/serve/state_folder.hpp"
#include "replay/serve/tls_server_stream.hpp"
#include "traffic/observe/bounded_server.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

constexpr std::size_t connections_waiting_max = 64;
constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::size_t read_bytes_max = body_bytes_max + 32 * 1024;  // head, chunks' sizes and TLS on top
constexpr std::size_t path_size_max = 400;
constexpr Nanoseconds request_time_max = std::chrono::seconds(10);
constexpr std::string_view json_type = "application/json";

void put(httplib::Response& response, ServeAnswer answer) {
  response.status = answer.status;
  response.set_header("Cache-Control", "no-store");
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  response.set_content(answer.body, answer.content_type);
}

// Whether two secrets are the same, in a time that does not tell how far they are.
[[nodiscard]] bool is_token(const std::string& given, const std::string& token) {
  return given.size() == token.size() && CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
}

[[nodiscard]] bool is_allowed(const std::string& method, const std::string& methods) {
  return (", " + methods + ",").find(", " + method + ",") != std::string::npos;
}

[[nodiscard]] bool is_json(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  while (type.ends_with(' ')) type.pop_back();
  return type == json_type;
}

[[nodiscard]] ServeAnswer wrong_method(const std::string& methods) {
  ServeAnswer answer = problem(405, "the path takes " + methods);
  answer.headers.emplace_back("Allow", methods);
  return answer;
}

// What httplib refuses itself has no body. Methods that it does not know are among it, and are 400 to it.
[[nodiscard]] ServeAnswer refused_early(const httplib::Request& request, int status) {
  const std::string methods = EnvironmentRoutes::allowed_methods(request.target.substr(0, request.target.find('?')));
  const bool is_read = request.version.starts_with("HTTP/1.");
  if (status == 400 && is_read && !methods.empty() && !is_allowed(request.method, methods))
    return wrong_method(methods);
  return problem(status, "the request cannot be read");
}

[[nodiscard]] bool has_body(const httplib::Request& request) {
  if (request.has_header("Transfer-Encoding")) return true;
  return request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0";
}

class EnvironmentHttpServer final : public BoundedServer {
 public:
  EnvironmentHttpServer(std::size_t threads, EnvironmentRoutes& routes, std::string token,
                        std::unique_ptr<TlsServerContext> tls)
      : BoundedServer({threads, connections_waiting_max, body_bytes_max, {request_time_max, read_bytes_max}}),
        routes_(routes),
        authorization_(token.empty() ? "" : "Bearer " + token),
        tls_(std::move(tls)) {
    set_pre_routing_handler([this](const auto& request, auto& response) { return before_body(request, response); });
    const auto with_body = [this](const httplib::Request& request, httplib::Response& response,
                                  const httplib::ContentReader& reader) { read_body(request, response, reader); };
    Post(".*", with_body);
    Put(".*", with_body);
    set_error_handler([](const httplib::Request& request, httplib::Response& response) {
      if (response.body.empty()) put(response, refused_early(request, response.status));
    });
    set_exception_handler([](const httplib::Request& request, httplib::Response& response, std::exception_ptr) {
      log_error("a request could not be answered", {{"path", request.path}});
      put(response, problem(500, "an unexpected error; the environment's log says more"));
    });
  }
  ~EnvironmentHttpServer() override { end(); }
  EnvironmentHttpServer(const EnvironmentHttpServer&) = delete;
  EnvironmentHttpServer& operator=(const EnvironmentHttpServer&) = delete;

 protected:
  bool exchange(BoundedStream& stream) override {
    if (tls_ == nullptr) return BoundedServer::exchange(stream);
    TlsServerStream secure(stream, *tls_);
    if (!secure.accept()) return false;
    bool closed = false;
    const bool done = process_request(secure, true, closed, nullptr);
    secure.close();
    return done;
  }
  [[nodiscard]] std::string_view scheme() const override { return tls_ == nullptr ? "http" : "https"; }

 private:
  // Everything that can be refused before a body is read, and everything that has none.
  HandlerResponse before_body(const httplib::Request& request, httplib::Response& response) {
    if (auto refused = refusal(request)) {
      put(response, std::move(*refused));
      return HandlerResponse::Handled;
    }
    if (request.method == "POST" || request.method == "PUT") {
      if (has_body(request)) return HandlerResponse::Unhandled;  // read_body is next
      put(response, problem(400, "the body is missing"));
      return HandlerResponse::Handled;
    }
    put(response, routes_.answer(of(request, {})));
    return HandlerResponse::Handled;
  }

  [[nodiscard]] std::optional<ServeAnswer> refusal(const httplib::Request& request) const {
    // No path of the contract is so long: what comes is not even looked at.
    const bool is_short = request.path.size() <= path_size_max;
    const std::string methods = is_short ? EnvironmentRoutes::allowed_methods(request.path) : "";
    if (methods.empty()) return problem(404, "there is no such path; GET /openapi.yaml describes those that there are");
    if (!is_allowed(request.method, methods)) return wrong_method(methods);
    if (EnvironmentRoutes::is_guarded(request.path) && !authorization_.empty() &&
        !is_token(request.get_header_value("Authorization"), authorization_)) {
      ServeAnswer answer =
          problem(401, "the environment has a token, and it was not given as 'Authorization: Bearer ...'");
      answer.headers.emplace_back("WWW-Authenticate", "Bearer");
      return answer;
    }
    if (request.method != "POST" && request.method != "PUT") return std::nullopt;
    if (request.get_header_value<std::uint64_t>("Content-Length") > body_bytes_max) {
      return problem(413, fmt::format("the body is larger than {} bytes", body_bytes_max));
    }
    if (has_body(request) && !is_json(request.get_header_value("Content-Type"))) {
      return problem(415, "the body must be application/json");
    }
    if (request.has_header("Content-Encoding")) return problem(415, "the body must not be compressed");
    return std::nullopt;
  }

  void read_body(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
    std::string body;
    bool too_large = false;
    const bool whole = reader([&](const char* data, std::size_t length) {
      too_large = body.size() + length > body_bytes_max;
      if (!too_large) body.append(data, length);
      return !too_large;
    });
    if (too_large) return put(response, problem(413, fmt::format("the body is larger than {} bytes", body_bytes_max)));
    if (!whole) return put(response, problem(400, "the body did not come whole, or not in time"));
    put(response, routes_.answer(of(request, std::move(body))));
  }

  [[nodiscard]] static ServeRequest of(const httplib::Request& request, std::string body) {
    return {request.method, request.path, request.params, std::move(body)};
  }

  EnvironmentRoutes& routes_;
  const std::string authorization_;  // empty: none is wanted
  const std::unique_ptr<TlsServerContext> tls_;
};

[[nodiscard]] bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]:");
}

[[nodiscard]] CloneDeskOptions desk_options(const ServeSettings& settings, const ServeAccess& access,
                                            CloneRunner bucket_clone) {
  CloneDeskOptions options;
  options.bucket_runner = std::move(bucket_clone);
  options.postgres_runner = postgres_clone({settings.postgres_tools, settings.work_folder, settings.end_sessions});
  options.resolve = [&access](CloneRequest request) { return access.resolve(std::move(request)); };
  options.access = [&access](const CloneEndpoint& side) { return access.open(side); };
  options.step = [&access](const CloneRequest& request, const std::string& name, std::stop_token stop) {
    return access.run_step(request, name, std::move(stop));
  };
  options.at_once = settings.clones_at_once;
  return options;
}

}  // namespace

// In the order of making; ends in the opposite one.
struct EnvironmentServer::State {
  explicit State(ServeSettings given) : settings(std::move(given)), access(settings) {}

  const ServeSettings settings;
  const ServeAccess access;
  std::unique_ptr<StateFolder> folder;
  std::unique_ptr<ServiceChecks> checks;
  std::unique_ptr<CloneDesk> desk;
  std::unique_ptr<EnvironmentRoutes> routes;
  std::unique_ptr<EnvironmentHttpServer> server;
};

Result<std::unique_ptr<EnvironmentServer>> EnvironmentServer::start(ServeSettings given, CloneRunner bucket_clone) {
  auto state = std::make_unique<State>(std::move(given));
  const ServeSettings& settings = state->settings;
  Result<std::string> token = std::string();
  if (settings.token.is_given()) token = read_place(settings.token);
  if (!token) return tl::unexpected(token.error());
  if (token->empty() && !is_loopback(settings.address)) {
    return fail(
        ExitCode::configuration,
        fmt::format("'{}' is not on loopback, and there is no token: everyone who reaches it could clone; give a "
                    "token-file or a token-variable",
                    settings.address));
  }
  std::unique_ptr<TlsServerContext> tls;
  if (!settings.certificate_file.empty()) {
    auto loaded = TlsServerContext::load(settings.certificate_file, settings.key_file);
    if (!loaded) return tl::unexpected(loaded.error());
    tls = std::move(*loaded);
  }
  auto folder = StateFolder::open(settings.state_folder);
  if (!folder) return tl::unexpected(folder.error());
  state->folder = std::move(*folder);
  auto checks = ServiceChecks::create(settings, system_clock());
  if (!checks) return tl::unexpected(checks.error());
  state->checks = std::move(*checks);
  auto desk =
      CloneDesk::open(desk_options(settings, state->access, std::move(bucket_clone)), *state->folder, system_clock());
  if (!desk) return tl::unexpected(desk.error());
  state->desk = std::move(*desk);
  ServiceChecks& service = *state->checks;
  state->routes = std::make_unique<EnvironmentRoutes>(
      ServiceHandlers{[&] { return service.health(); }, [&] { return service.tests(); },
                      [&] { return service.statistics(); }},
      *state->folder, *state->desk, std::string(environment_contract()), settings.threads / 2);
  state->server =
      std::make_unique<EnvironmentHttpServer>(settings.threads, *state->routes, std::move(*token), std::move(tls));
  if (auto started = state->server->start(settings.address, "the environment", "'address'"); !started) {
    return tl::unexpected(started.error());
  }
  return std::unique_ptr<EnvironmentServer>(new EnvironmentServer(std::move(state)));
}

EnvironmentServer::EnvironmentServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

EnvironmentServer::~EnvironmentServer() = default;

const std::string& EnvironmentServer::url() const { return state_->server->url(); }

}  // namespace understudy
