#include "tests/support/servers/nginx_fixture.hpp"

#include <fmt/format.h>

#include <sstream>
#include <stdexcept>

namespace understudy {

NginxFixture::NginxFixture(NginxOptions options) : port_(unused_port()), barrier_port_(unused_port()) {
  std::string tls;
  if (!options.certificate_file.empty()) {
    tls = fmt::format("ssl_certificate {}; ssl_certificate_key {}; ssl_protocols {};", options.certificate_file,
                      options.key_file, options.protocols);
    if (!options.client_ca_file.empty()) {
      tls += fmt::format("ssl_client_certificate {}; ssl_verify_client on;", options.client_ca_file);
    }
  }
  folder_.write("nginx.conf",
                fmt::format(R"(
daemon off; master_process off; worker_processes 1; pid {0}; error_log stderr;
events {{ worker_connections 512; }}
http {{
  log_format test '$request_method $request_uri host=$http_host status=$status connection=$connection/$connection_requests'
                  ' length=$request_length marker=$http_understudy_mirrored forwarded=$http_x_forwarded_for'
                  ' tls=$ssl_protocol/$ssl_session_reused sni=$ssl_server_name';
  access_log {1} test;
  client_body_temp_path {2}; proxy_temp_path {2}; fastcgi_temp_path {2}; uwsgi_temp_path {2}; scgi_temp_path {2};
  client_max_body_size 100m; keepalive_requests 100000;
  server {{
    listen 127.0.0.1:{3}{4};
    {5}
    {6}
    location / {{ return 200 "hello"; }}
  }}
  server {{
    listen 127.0.0.1:{7};
    access_log off;
    location / {{ return 204; }}
  }}
}}
)",
                            folder_.path("nginx.pid"), folder_.path("access.log"), folder_.path("body"), port_,
                            tls.empty() ? "" : " ssl", tls, options.server_directives, barrier_port_));
  start();
}

void NginxFixture::start() {
  process_.emplace(
      std::vector<std::string>{"nginx", "-p", folder_.path(""), "-e", "stderr", "-c", folder_.path("nginx.conf")},
      folder_.path("output"));
  if (!eventually([this] { return accepts_connections(port_) || !process_->is_running(); }) ||
      !process_->is_running()) {
    throw std::runtime_error("nginx does not start: " + folder_.read("output"));
  }
}

// nginx answers first and writes its log line afterwards, in the same turn of its event loop (a request whose body is
// still arriving: with the body's last byte). One process takes its events in the order in which they became ready, and
// a new connection is accepted in one turn and answered in a later one. So once the barrier's question, asked now, is
// answered, whatever reached nginx before it is in the log.
void NginxFixture::wait_until_logged() const {
  if (!process_) return;  // stopped, and waited for: the log is whole
  if (!ask(barrier_port_, "GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 204 ")) {
    throw std::runtime_error("nginx does not answer any more: " + folder_.read("output"));
  }
}

std::vector<std::string> NginxFixture::requests() const {
  wait_until_logged();
  std::vector<std::string> lines;
  std::istringstream log(folder_.read("access.log"));
  for (std::string line; std::getline(log, line);) lines.push_back(line);
  return lines;
}

}  // namespace understudy
