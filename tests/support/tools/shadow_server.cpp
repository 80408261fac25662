#include "tests/support/tools/shadow_server.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

namespace understudy::tools {
namespace {

constexpr std::size_t read_size = 262144;
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr std::array<std::pair<std::string_view, ShadowMode>, 7> mode_names = {{
    {"normal", ShadowMode::normal},
    {"slow", ShadowMode::slow},
    {"hung", ShadowMode::hung},
    {"stalled", ShadowMode::stalled},
    {"reset", ShadowMode::reset},
    {"garbage", ShadowMode::garbage},
    {"refused", ShadowMode::refused},
}};

// The value of `name` in a query string, up to the next & or space; empty when absent.
std::string_view parameter(std::string_view target, std::string_view name) {
  const std::string key = fmt::format("{}=", name);
  const auto at = target.find(key);
  if (at == std::string_view::npos) {
    return {};
  }
  target.remove_prefix(at + key.size());
  return target.substr(0, target.find_first_of("& "));
}

std::uint64_t number(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view target_of(std::string_view head) {
  head.remove_prefix(std::min(head.size(), head.find(' ') + 1));
  return head.substr(0, head.find(' '));
}

}  // namespace

bool parse_mode(std::string_view name, ShadowMode& mode) {
  const auto* found =
      std::find_if(mode_names.begin(), mode_names.end(), [&](const auto& m) { return m.first == name; });
  if (found == mode_names.end()) {
    return false;
  }
  mode = found->second;
  return true;
}

ShadowServer::ShadowServer(const Ipv4Endpoint& service, const Ipv4Endpoint& control)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), service_(service), control_listener_(listen_on(control)) {
  watch(epoll_.get(), control_listener_.get(), EPOLLIN, static_cast<std::uint64_t>(control_listener_.get()));
  apply_mode(ShadowMode::normal);
}

void ShadowServer::apply_mode(ShadowMode mode) {
  mode_ = mode;
  if (mode == ShadowMode::refused) {
    service_listener_.reset();
    std::vector<int> fds;
    for (const auto& [fd, connection] : connections_) {
      if (!connection->control) {
        set_reset_on_close(fd);
        fds.push_back(fd);
      }
    }
    for (const int fd : fds) {
      drop(fd);
    }
  } else if (!service_listener_.valid()) {
    service_listener_ = listen_on(service_);
    watch(epoll_.get(), service_listener_.get(), EPOLLIN, static_cast<std::uint64_t>(service_listener_.get()));
  }
  if (mode != ShadowMode::stalled) {
    for (const auto& [fd, connection] : connections_) {
      rewatch(epoll_.get(), fd, EPOLLIN, static_cast<std::uint64_t>(fd));  // reading goes on after a stall
    }
  }
}

void ShadowServer::run(const volatile int& stop) {
  std::array<epoll_event, 256> events{};
  while (stop == 0) {
    const int ready = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
    for (int i = 0; i < ready; ++i) {
      const auto fd = static_cast<int>(events.at(static_cast<std::size_t>(i)).data.u64);
      if (fd == service_listener_.get() || fd == control_listener_.get()) {
        accept_all(fd, fd == control_listener_.get());
      } else if (const auto found = connections_.find(fd); found != connections_.end()) {
        Connection& connection = *found->second;
        if ((events.at(static_cast<std::size_t>(i)).events & EPOLLOUT) != 0U && !flush(connection)) {
          drop(fd);
          continue;
        }
        read_from(connection);
      }
    }
    answer_delayed();
  }
}

void ShadowServer::accept_all(int listener, bool control) {
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      return;
    }
    set_no_delay(fd);
    auto connection = std::make_unique<Connection>();
    connection->fd = FileDescriptor(fd);
    connection->serial = ++next_serial_;
    connection->control = control;
    const bool reads = control || mode_ != ShadowMode::stalled;
    watch(epoll_.get(), fd, reads ? EPOLLIN : 0U, static_cast<std::uint64_t>(fd));
    connections_[fd] = std::move(connection);
    if (!control) {
      ++accepted_;
      open_max_ = std::max(open_max_, ++open_);
    }
  }
}

void ShadowServer::read_from(Connection& connection) {
  static std::array<char, read_size> buffer;
  const int fd = connection.fd.get();
  if (mode_ == ShadowMode::stalled && !connection.control) {
    rewatch(epoll_.get(), fd, 0, static_cast<std::uint64_t>(fd));
    return;
  }
  const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  if (got <= 0 || !take_bytes(connection, {buffer.data(), static_cast<std::size_t>(got)})) {
    drop(fd);
  }
}

// False: the connection is to be closed.
bool ShadowServer::take_bytes(Connection& connection, std::string_view bytes) {
  for (;;) {
    switch (connection.scanner.scan(bytes)) {
      case RequestScanner::Event::need_more: return flush(connection) && !connection.close_after;
      case RequestScanner::Event::head:
        if (connection.scanner.expects_continue()) {
          connection.out += continue_head;
        }
        break;
      case RequestScanner::Event::malformed: book_.malformed(); return false;
      case RequestScanner::Event::complete:
        connection.close_after = connection.scanner.request().close;
        if (!(connection.control ? answer_control(connection) : answer(connection))) {
          return false;
        }
        break;
    }
  }
}

bool ShadowServer::answer(Connection& connection) {
  book_.arrived(connection.scanner.request(), wall_ns());
  switch (mode_) {
    case ShadowMode::normal:
      if (connection.scanner.request().head.starts_with("HEAD ")) {
        connection.out += "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
      } else if (status_ == 200) {
        connection.out += "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      } else {
        connection.out += fmt::format("HTTP/1.1 {} Status\r\nContent-Length: 2\r\n\r\nok", status_);
      }
      return true;
    case ShadowMode::slow:
      delayed_.push_back({monotonic_ns() + delay_ms_ * 1'000'000, connection.fd.get(), connection.serial});
      connection.close_after = false;
      return true;
    case ShadowMode::garbage: connection.out += "\x16\x03\x01 this is no answer\n\n"; return true;
    case ShadowMode::reset:
    case ShadowMode::refused: set_reset_on_close(connection.fd.get()); return false;
    case ShadowMode::hung:
    case ShadowMode::stalled: break;
  }
  connection.close_after = false;
  return true;
}

bool ShadowServer::answer_control(Connection& connection) {
  const std::string body = control_body(target_of(connection.scanner.request().head));
  connection.out += fmt::format("HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                                body.empty() ? "404 Not Found" : "200 OK", body.size());
  connection.out += body;
  return true;
}

std::string ShadowServer::control_body(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/stats") {
    return fmt::format(
        R"({{"connections":{{"accepted":{},"open":{},"open_max":{}}},"arrivals":{}}})", accepted_, open_, open_max_,
        book_.counts_json(number(parameter(target, "first"), 0), number(parameter(target, "expect"), 0)));
  }
  if (path == "/heads") {
    return book_.heads_json();
  }
  if (path == "/clear") {
    book_.clear();
    accepted_ = 0;
    open_max_ = open_;
    return "{}";
  }
  if (path == "/times") {
    return book_.write_times(std::string(parameter(target, "file"))) ? "{}" : "";
  }
  if (path == "/mode") {
    ShadowMode mode = mode_;
    if (!parse_mode(parameter(target, "name"), mode)) {
      return "";
    }
    delay_ms_ = number(parameter(target, "delay_ms"), delay_ms_);
    status_ = static_cast<unsigned>(number(parameter(target, "status"), 200));
    apply_mode(mode);
    return "{}";
  }
  return "";
}

void ShadowServer::answer_delayed() {
  const std::uint64_t now = monotonic_ns();
  while (!delayed_.empty() && delayed_.front().due_ns <= now) {
    const DelayedAnswer due = delayed_.front();
    delayed_.pop_front();
    const auto found = connections_.find(due.fd);
    if (found != connections_.end() && found->second->serial == due.serial) {
      found->second->out += "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      if (!flush(*found->second)) {
        drop(due.fd);
      }
    }
  }
}

int ShadowServer::wait_ms() const {
  if (delayed_.empty()) {
    return 1000;
  }
  const std::uint64_t now = monotonic_ns();
  const std::uint64_t due = delayed_.front().due_ns;
  return due <= now ? 0 : static_cast<int>((due - now) / 1'000'000 + 1);
}

bool ShadowServer::flush(Connection& connection) {
  const int fd = connection.fd.get();
  while (!connection.out.empty()) {
    const ssize_t sent = send(fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) {
        return false;
      }
      connection.write_watched = true;
      rewatch(epoll_.get(), fd, EPOLLIN | EPOLLOUT, static_cast<std::uint64_t>(fd));
      return true;
    }
    connection.out.erase(0, static_cast<std::size_t>(sent));
  }
  if (connection.write_watched) {
    connection.write_watched = false;
    rewatch(epoll_.get(), fd, EPOLLIN, static_cast<std::uint64_t>(fd));
  }
  return true;
}

void ShadowServer::drop(int fd) {
  const auto found = connections_.find(fd);
  if (found != connections_.end()) {
    open_ -= found->second->control ? 0U : 1U;
    connections_.erase(found);
  }
}

}  // namespace understudy::tools
