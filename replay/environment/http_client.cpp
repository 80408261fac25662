#include "replay/environment/http_client.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <memory>

#include "replay/compare/shown_value.hpp"
#include "replay/environment/retry_after.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

// A client for one request, and why TLS failed when it did.
struct Connection {
  std::unique_ptr<httplib::ClientImpl> client;
  httplib::SSLClient* tls = nullptr;  // the same, where it is TLS
};

Result<Connection> connect_over_tls(const HttpClientOptions& options) {
  // Loads every file once by the code of the sender, whose errors name the file.
  if (const auto checked = TlsContext::create(options.tls, options.target.host); !checked) {
    return tl::unexpected(checked.error());
  }
  auto client = std::make_unique<httplib::SSLClient>(options.target.host, options.target.port);
  SSL_CTX* const context = client->ssl_context();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  const TlsOptions& tls = options.tls;
  if (!tls.certificate_file.empty()) {
    const std::string& key = tls.key_file.empty() ? tls.certificate_file : tls.key_file;
    if (SSL_CTX_use_certificate_chain_file(context, tls.certificate_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return fail(ExitCode::tls, fmt::format("cannot use the client certificate '{}'", tls.certificate_file));
    }
  }
  if (!tls.ca_file.empty()) client->set_ca_cert_path(tls.ca_file);
  client->enable_server_certificate_verification(!tls.insecure);
  httplib::SSLClient* const as_tls = client.get();
  return Connection{std::move(client), as_tls};
}

Result<Connection> connect(const HttpClientOptions& options) {
  if (options.target.is_tls) return connect_over_tls(options);
  return Connection{std::make_unique<httplib::ClientImpl>(options.target.host, options.target.port), nullptr};
}

void set_up(httplib::ClientImpl& client, const HttpClientOptions& options, Nanoseconds response_timeout) {
  client.set_url_encode(false);  // paths are written as they go out
  client.set_connection_timeout(options.connect_timeout);
  client.set_read_timeout(response_timeout);
  client.set_write_timeout(response_timeout);
  if (!options.proxy) return;
  client.set_proxy(options.proxy->host, options.proxy->port);
  if (const auto& credentials = options.proxy->credentials) {
    client.set_proxy_basic_auth(credentials->user, credentials->password);
  }
}

httplib::Request request_of(const HttpClientOptions& options, const HttpCall& call) {
  httplib::Request request;
  request.method = call.method;
  request.path = options.target.base_path + call.path;
  request.body = call.body;
  for (const auto& [name, value] : options.headers) request.headers.emplace(name, value);
  const auto set_default = [&](const char* name, const std::string& value) {
    if (!request.has_header(name)) request.set_header(name, value);
  };
  if (const auto& credentials = options.target.credentials) {
    set_default("Authorization", credentials->basic_authorization());
  }
  set_default("Accept", "application/json");
  set_default("User-Agent", "understudy-replay");
  if (!call.body.empty()) set_default("Content-Type", "application/json");
  return request;
}

// Why the exchange ended without an answer.
Error failure(const std::string& asked, const Connection& connection, httplib::Error error,
              const HttpClientOptions& options) {
  const std::string via =
      options.proxy ? fmt::format(" through the proxy {}", options.proxy->display()) : std::string();
  const auto unfit = [&](std::string_view what) {
    return Error{ExitCode::environment_unfit, fmt::format("{}{}: {}", asked, via, what)};
  };
  switch (error) {
    case httplib::Error::Connection:
      return unfit("cannot connect; is the address right, and does something listen there?");
    case httplib::Error::ConnectionTimeout:
      return unfit(fmt::format("no connection within {}", duration_text(options.connect_timeout)));
    case httplib::Error::Read: return unfit("the connection ended, or was silent for too long, before a whole answer");
    case httplib::Error::Write: return unfit("the connection ended while the request was sent");
    case httplib::Error::SSLConnection:
      return unfit("the TLS handshake failed; does the server speak TLS on that port?");
    case httplib::Error::SSLLoadingCerts:
      return {ExitCode::tls, fmt::format("{}: cannot load the certificates to trust; see --ca-file", asked)};
    case httplib::Error::SSLServerVerification: {
      const long code = connection.tls == nullptr ? X509_V_OK : connection.tls->get_openssl_verify_result();
      const std::string why = code == X509_V_OK ? fmt::format("it is not for {}", options.target.host)
                                                : std::string(X509_verify_cert_error_string(code));
      return {ExitCode::tls,
              fmt::format("{}: the server's certificate does not verify: {}; trust its authority by --ca-file", asked,
                          why)};
    }
    default: return unfit("the exchange failed: " + httplib::to_string(error));
  }
}

}  // namespace

std::string HttpClient::display(const HttpCall& call) const {
  return fmt::format("{} {}{}", call.method, options_.target.display(), shown_text(call.path));
}

Result<HttpAnswer> HttpClient::send(const HttpCall& call) const {
  auto connection = connect(options_);
  if (!connection) return tl::unexpected(connection.error());
  const Nanoseconds response_timeout = options_.response_timeout + call.extra_wait;
  set_up(*connection->client, options_, response_timeout);
  HttpAnswer answer;
  httplib::Request request = request_of(options_, call);
  // The library's time-out is that of one read; the deadline is that of the whole answer.
  const MonotonicTime deadline = system_clock().monotonic_now() + options_.connect_timeout + response_timeout;
  bool too_large = false;
  bool too_late = false;
  request.content_receiver = [&](const char* data, std::size_t length, std::uint64_t, std::uint64_t) {
    too_large = answer.body.size() + length > body_size_max;
    too_late = system_clock().monotonic_now() > deadline;
    if (!too_large && !too_late) answer.body.append(data, length);
    return !too_large && !too_late;
  };
  const httplib::Result result = connection->client->send(request);
  const auto unfit = [&](const std::string& what) {
    return fail(ExitCode::environment_unfit, fmt::format("{}: {}", display(call), what));
  };
  if (too_large) return unfit(fmt::format("the answer is larger than {}", bytes_text(body_size_max)));
  if (too_late) return unfit(fmt::format("no whole answer within {}", duration_text(response_timeout)));
  if (!result) return tl::unexpected(failure(display(call), *connection, result.error(), options_));
  if (result->status == 407) return unfit("the proxy wants a user and a password; see --proxy-auth-file");
  answer.status = result->status;
  answer.location = result->get_header_value("Location");
  if (result->has_header("Retry-After")) {
    answer.retry_after = parse_retry_after(result->get_header_value("Retry-After"), system_clock().wall_now());
  }
  return answer;
}

}  // namespace understudy
