// What a forwarded request costs in CPU: the forward sink against a bare epoll client, both to the same loopback
// server.
//
// usage: bench_sender sink|epoll closed|RATE REQUESTS
//        RATE in requests a second, evenly spaced
//
// Prints CPU milliseconds for 1,000 requests, of the thread that sends and (sink) of the thread that offers, and for
// the sink the delay from offering to the first byte written. The server is another process, so that its CPU does not
// count. With `closed`, 64 connections are kept busy.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/messages.hpp"
#include "traffic/pipeline/forward_sink.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace understudy {
namespace {

constexpr std::string_view response =
    "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n";
constexpr std::string_view request =
    "GET /items/4711?view=full&page=2 HTTP/1.1\r\nHost: production.example\r\nUser-Agent: bench/1.0\r\n"
    "Accept: application/json\r\nAccept-Encoding: gzip\r\nX-Request-Id: 0123456789abcdef\r\n\r\n";
constexpr unsigned connections = 64;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

[[nodiscard]] double cpu_ms(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

// How often the calling thread went to sleep so far.
[[nodiscard]] double sleeps() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_nvcsw);
}

[[nodiscard]] sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void watch(int epoll, int descriptor, unsigned events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

// Answers each read with as many responses as it holds request ends. Enough for whole small requests.
[[noreturn]] void serve(int listener) {
  const std::string whole = std::string(response) + std::string(100, 'x');
  const int epoll = ::epoll_create1(0);
  watch(epoll, listener, EPOLLIN);
  std::array<epoll_event, 64> events;
  std::array<char, 16384> bytes;
  while (true) {
    const int count = ::epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == listener) {
        const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        const int on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(epoll, accepted, EPOLLIN);
        continue;
      }
      const ssize_t length = ::read(descriptor, bytes.data(), bytes.size());
      if (length <= 0) {
        ::close(descriptor);
        continue;
      }
      std::string_view rest(bytes.data(), static_cast<std::size_t>(length));
      std::string answers;
      for (std::size_t end = 0; (end = rest.find("\r\n\r\n")) != std::string_view::npos; rest.remove_prefix(end + 4))
        answers += whole;
      if (::write(descriptor, answers.data(), answers.size()) < 0) die("write");
    }
  }
}

// The floor: nothing but the system calls.
void run_epoll(std::uint16_t port, unsigned long rate, unsigned long total) {
  const int epoll = ::epoll_create1(0);
  std::vector<int> idle;
  for (unsigned i = 0; i < connections; ++i) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    watch(epoll, descriptor, EPOLLIN | EPOLLET);
    idle.push_back(descriptor);
  }
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  if (rate > 0) {
    const long period = static_cast<long>(1'000'000'000 / rate);
    const itimerspec spec{{0, period}, {0, period}};
    ::timerfd_settime(timer, 0, &spec, nullptr);
    watch(epoll, timer, EPOLLIN);
  }
  std::array<epoll_event, 64> events;
  std::array<char, 65536> bytes;
  unsigned long due = rate > 0 ? 0 : total;
  unsigned long sent = 0;
  unsigned long received = 0;
  const double before = cpu_ms(RUSAGE_THREAD);
  while (received < total) {
    while (sent < std::min(due, total) && !idle.empty()) {
      if (::send(idle.back(), request.data(), request.size(), MSG_NOSIGNAL) < 0) die("send");
      idle.pop_back();
      ++sent;
    }
    const int count = ::epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == timer) {
        std::uint64_t expirations = 0;
        if (::read(timer, &expirations, sizeof expirations) > 0) due += expirations;
        continue;
      }
      if (::recv(descriptor, bytes.data(), bytes.size(), 0) <= 0) die("recv");
      ++received;
      idle.push_back(descriptor);
    }
  }
  fmt::print("epoll  {:>8} requests, {}: {:.2f} ms CPU for 1,000\n", total,
             rate > 0 ? fmt::format("{}/s", rate) : "closed",
             (cpu_ms(RUSAGE_THREAD) - before) * 1e3 / static_cast<double>(total));
}

void run_sink(std::uint16_t port, unsigned long rate, unsigned long total) {
  EventLoop loop;
  const auto rules = compile_rules(RuleOptions{});
  if (!rules) die("compile_rules");
  const CurrentRules current(*rules);
  ForwardSinkOptions options;
  options.sender.target = *parse_target(fmt::format("http://127.0.0.1:{}", port));
  options.sender.connections_max = connections;
  options.marker_value = "bench";
  auto sink = ForwardSink::create(loop, system_clock(), current, options,
                                  [](const SenderEvent& event) { fmt::print("{}\n", event.text); });
  if (!sink) die("ForwardSink::create");
  double sender_before = 0;
  double sleeps_before = 0;
  loop.run([&] {
    sender_before = cpu_ms(RUSAGE_THREAD);
    sleeps_before = sleeps();
  });
  const double before = cpu_ms(RUSAGE_THREAD);
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, 0);
  if (rate > 0) {
    const long period = static_cast<long>(1'000'000'000 / rate);
    const itimerspec spec{{0, period}, {0, period}};
    ::timerfd_settime(timer, 0, &spec, nullptr);
  }
  for (unsigned long offered = 0; offered < total;) {
    std::uint64_t due = 0;
    if (rate == 0) {
      // The queue is kept between 1,000 and 2,000 requests, so that the sender never waits.
      if ((*sink)->ledger().totals().in_flight() < 1000) {
        due = 1000;
      } else {
        ::usleep(200);
      }
    } else if (::read(timer, &due, sizeof due) < 0) {
      die("read");
    }
    for (; due > 0 && offered < total; --due, ++offered) {
      auto captured = test::capture_request(request);
      captured->last_byte = system_clock().wall_now();
      (*sink)->on_request(std::move(captured), 0);
    }
    (*sink)->on_batch_end(0);
  }
  const double offering = cpu_ms(RUSAGE_THREAD) - before;
  (*sink)->drain(system_clock().monotonic_now() + std::chrono::seconds(5));
  double sender_after = 0;
  double sleeps_after = 0;
  loop.run([&] {
    sender_after = cpu_ms(RUSAGE_THREAD);
    sleeps_after = sleeps();
  });
  const ForwardSinkStatus status = (*sink)->status();
  const double thousands = static_cast<double>(total) / 1e3;
  fmt::print(
      "sink   {:>8} requests, {}: {:.2f} ms CPU and {:.0f} sleeps for 1,000 in the sender, {:.2f} ms in the offering "
      "thread; delivered {}, lost {}, connects {}; delay p50 {} us, p99 {} us\n",
      total, rate > 0 ? fmt::format("{}/s", rate) : "closed", (sender_after - sender_before) / thousands,
      (sleeps_after - sleeps_before) / thousands, offering / thousands, status.ledger.delivered,
      status.ledger.lost_total(), status.sender.connects, status.wire_to_shadow_delay_ns.quantile(0.5) / 1000,
      status.wire_to_shadow_delay_ns.quantile(0.99) / 1000);
}

}  // namespace
}  // namespace understudy

int main(int argc, char** argv) {
  using namespace understudy;
  if (argc != 4) {
    fmt::print(stderr, "usage: bench_sender sink|epoll closed|RATE REQUESTS\n");
    return 2;
  }
  const unsigned long rate = std::strcmp(argv[2], "closed") == 0 ? 0 : std::strtoul(argv[2], nullptr, 10);
  const unsigned long total = std::strtoul(argv[3], nullptr, 10);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener, 256) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    die("listen");
  }
  const pid_t server = ::fork();
  if (server == 0) serve(listener);
  ::close(listener);
  if (std::strcmp(argv[1], "sink") == 0) {
    run_sink(ntohs(address.sin_port), rate, total);
  } else {
    run_epoll(ntohs(address.sin_port), rate, total);
  }
  ::kill(server, SIGTERM);
  ::waitpid(server, nullptr, 0);
  return 0;
}
