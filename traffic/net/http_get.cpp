#include "traffic/net/http_get.hpp"

#include <fmt/format.h>

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace understudy {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

constexpr std::uint32_t head_bytes_max = 16U * 1024;

tcp::endpoint asio_endpoint(const Endpoint& endpoint) {
  if (endpoint.address.is_v6) return {boost::asio::ip::address_v6(endpoint.address.bytes), endpoint.port};
  boost::asio::ip::address_v4::bytes_type bytes{};
  std::copy_n(endpoint.address.bytes.begin(), bytes.size(), bytes.begin());
  return {boost::asio::ip::address_v4(bytes), endpoint.port};
}

// Each step starts the next one; the first error ends all.
class Get {
 public:
  Get(const Endpoint& server, const std::string& target, Nanoseconds timeout, std::size_t body_bytes_max)
      : server_(server), stream_(context_), request_(http::verb::get, target, 11) {
    request_.set(http::field::host, server.to_string());
    request_.set(http::field::connection, "close");
    parser_.header_limit(head_bytes_max);
    parser_.body_limit(body_bytes_max);
    stream_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout));
  }

  Result<HttpAnswer> run() {
    stream_.async_connect(asio_endpoint(server_), [this](const beast::error_code& error) {
      if (!note(error, "connect to")) return;
      http::async_write(stream_, request_, [this](const beast::error_code& failed, std::size_t) {
        if (!note(failed, "write to")) return;
        http::async_read(stream_, buffer_, parser_,
                         [this](const beast::error_code& broken, std::size_t) { note(broken, "read from"); });
      });
    });
    context_.run();
    if (!failure_.empty()) return fail(ExitCode::environment_unfit, failure_);
    return HttpAnswer{parser_.get().result_int(), std::move(parser_.get().body())};
  }

 private:
  bool note(const beast::error_code& error, const char* what) {
    if (!error) return true;
    failure_ = fmt::format("cannot {} {}: {}", what, server_.to_string(), error.message());
    return false;
  }

  Endpoint server_;
  boost::asio::io_context context_;
  beast::tcp_stream stream_;
  http::request<http::empty_body> request_;
  http::response_parser<http::string_body> parser_;
  beast::flat_buffer buffer_;
  std::string failure_;
};

}  // namespace

Result<HttpAnswer> http_get(const Endpoint& server, const std::string& target, Nanoseconds timeout,
                            std::size_t body_bytes_max) {
  return Get(server, target, timeout, body_bytes_max).run();
}

}  // namespace understudy
