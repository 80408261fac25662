// Addresses of a host name, looked up without blocking the loop, and kept for a while.
//
// The system's resolver (getaddrinfo) knows no time limit, so each lookup has a thread of its own that nobody waits
// for: neither the loop nor the program's end is held up by a dead name server. At most one lookup is under way.
//
// Thread safety: none; everything on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"
#include "traffic/net/event_loop.hpp"

namespace understudy {

// All addresses of `host`, in the system's order. Blocks. Errors are ExitCode::target_invalid.
[[nodiscard]] Result<std::vector<IpAddress>> look_up(const std::string& host);

class Resolver {
 public:
  using Addresses = std::vector<IpAddress>;
  using Callback = std::function<void(const Result<Addresses>&)>;
  using LookUp = std::function<Result<Addresses>(const std::string& host)>;

  // Addresses are looked up again when they are older than `lifetime`. `look_up` is called on a thread of its own.
  // The loop and the clock outlive the resolver.
  Resolver(EventLoop& loop, const Clock& clock, std::string host, Nanoseconds lifetime,
           LookUp look_up = understudy::look_up);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls back with the addresses: at once when they are known (a literal, or a fresh lookup), else when the lookup is
  // done. When a lookup fails and an earlier one succeeded, the old addresses are given. Not called after destruction.
  void resolve(Callback callback);
  // The next resolve() looks up again: no address could be connected to.
  void forget() { expires_at_ = MonotonicTime{}; }

 private:
  struct Mailbox;

  void start();
  void finish(Result<Addresses> result);

  EventLoop& loop_;
  const Clock& clock_;
  std::string host_;
  Nanoseconds lifetime_;
  LookUp look_up_;
  Addresses addresses_;
  MonotonicTime expires_at_{};
  bool is_literal_ = false;
  std::vector<Callback> waiting_;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace understudy
