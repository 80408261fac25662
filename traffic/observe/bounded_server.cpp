#include "traffic/observe/bounded_server.hpp"

#include <fmt/format.h>

#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "traffic/base/endpoint.hpp"

namespace understudy {
namespace {

// A fixed number of threads. When waiting_max connections wait, the accepting thread waits as well, and the kernel's
// short backlog holds the rest.
class BoundedThreads : public httplib::TaskQueue {
 public:
  BoundedThreads(std::size_t count, std::size_t waiting_max) : waiting_max_(waiting_max) {
    for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return tasks_.size() < waiting_max_; });
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

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
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

tl::unexpected<Error> bind_error(std::string_view address, SystemError reason, std::string_view what,
                                 std::string_view setting) {
  const std::string tried = fmt::format("cannot serve {} on {}: {}", what, address, reason.text());
  if (reason.is_address_in_use()) {
    return fail(ExitCode::address_in_use,
                fmt::format("{}; another one may run already: choose another port with {}, port 0 for any free one{}",
                            tried, setting, setting.starts_with("--status") ? ", or 'off'" : ""));
  }
  if (reason.is_permission()) {
    return fail(ExitCode::permission, fmt::format("{}; choose a port above 1023 with {}", tried, setting));
  }
  return fail(ExitCode::usage, fmt::format("{}; choose an address of this host with {}", tried, setting));
}

}  // namespace

BoundedServer::BoundedServer(const Limits& limits) : limits_(limits) {
  new_task_queue = [this] {
    return new BoundedThreads(limits_.threads, limits_.waiting_max);
  };  // httplib takes it over
  set_payload_max_length(limits_.body_bytes_max);
  // httplib's default is SO_REUSEPORT, with which a second program would share the port instead of failing.
  set_socket_options([](socket_t socket) { claim_address(socket); });
}

BoundedServer::~BoundedServer() { end(); }

Result<void> BoundedServer::start(std::string_view address, std::string_view what, std::string_view setting) {
  const Result<Endpoint> endpoint = parse_address(address);
  if (!endpoint) return tl::unexpected(endpoint.error());
  const std::string host = endpoint->address.to_string();
  clear_socket_error();
  if (endpoint->port == 0) {
    const int picked = bind_to_any_port(host);
    if (picked <= 0) return bind_error(address, last_socket_error(), what, setting);
    port_ = static_cast<std::uint16_t>(picked);
  } else {
    if (!bind_to_port(host, endpoint->port)) return bind_error(address, last_socket_error(), what, setting);
    port_ = endpoint->port;
  }
  url_ = fmt::format("{}://{}", scheme(), Endpoint{endpoint->address, port_}.to_string());
  accepting_ = std::thread([this] {
    listen_after_bind();
    accepting_ended_.store(true);
  });
  // stop() does nothing before the server runs, so nobody may call it before.
  while (!is_running() && !accepting_ended_.load()) std::this_thread::yield();
  return {};
}

void BoundedServer::end() {
  if (!accepting_.joinable()) return;
  stopping_.store(true);
  stop();
  accepting_.join();
}

bool BoundedServer::exchange(BoundedStream& stream) {
  bool closed = false;
  return process_request(stream, true, closed, nullptr);
}

bool BoundedServer::process_and_close_socket(socket_t socket) {
  BoundedStream stream(socket, limits_.stream, stopping_);
  const bool done = exchange(stream);
  stream.finish();
  close_socket(socket);
  return done;
}

}  // namespace understudy
