// A Sender with a queue that a test fills, and what became of each request. Time-outs run on a clock moved by hand; the
// sender looks at it ten times a second.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/manual_clock.hpp"
#include "tests/support/servers/process.hpp"
#include "traffic/net/sender.hpp"

namespace understudy {

class SenderTest : public testing::Test, protected RequestSource {
 protected:
  // The sender's thread calls this object; it ends before any part of the object does.
  void TearDown() override { end(); }

  [[nodiscard]] static SenderOptions options_for(std::uint16_t port, const char* scheme = "http",
                                                 const char* host = "127.0.0.1") {
    SenderOptions options;
    options.target = *parse_target(fmt::format("{}://{}:{}", scheme, host, port));
    return options;
  }

  void begin(SenderOptions options) {
    loop.run([&] {
      sender.emplace(loop, clock, std::move(options), static_cast<RequestSource&>(*this),
                     [this](const SenderEvent& event) {
                       const std::lock_guard lock(mutex_);
                       events_.push_back(event);
                     });
    });
  }
  void end() {
    loop.run([this] { sender.reset(); });
  }

  // Queues "GET /name" for a session, in one piece with others given at once.
  void send(const std::vector<std::string>& names, std::uint64_t session = 1) {
    {
      const std::lock_guard lock(mutex_);
      for (const std::string& name : names) {
        queue_.push_back({fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", name), name, session, ""});
      }
    }
    loop.post([this] { sender->wake(); });
  }
  void send_post(const std::string& name, std::string body) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back({fmt::format("POST /{} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", name, body.size()),
                        name, 1, std::move(body)});
    }
    loop.post([this] { sender->wake(); });
  }

  // What became of a request: the status, or the name of the reason it was lost for. "" while it is under way.
  [[nodiscard]] std::string outcome(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = outcomes_.find(name);
    return found == outcomes_.end() ? "" : found->second;
  }
  // Waits until it is known.
  [[nodiscard]] std::string outcome_of(const std::string& name) {
    EXPECT_TRUE(eventually([&] { return !outcome(name).empty(); })) << name << ": " << sender->status().last_error;
    return outcome(name);
  }
  [[nodiscard]] std::size_t finished_count() {
    const std::lock_guard lock(mutex_);
    return outcomes_.size();
  }
  // Each text of an event that was told, in order.
  [[nodiscard]] std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    for (const SenderEvent& event : events_) texts.push_back(event.text);
    return texts;
  }
  [[nodiscard]] SenderStatus status() const { return sender->status(); }
  [[nodiscard]] bool becomes(BreakerState state) const {
    return eventually([this, state] { return sender->status().breaker == state; });
  }

  EventLoop loop;
  ManualClock clock;
  std::optional<Sender> sender;

 private:
  struct Queued {
    std::string head;
    std::string name;
    std::uint64_t session;
    std::string body;
  };

  std::uint64_t waiting() override {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }
  bool next(OutboundRequest& out) override {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    auto owner = std::make_shared<Queued>(std::move(queue_.front()));
    queue_.pop_front();
    out.head = owner->head;
    if (!owner->body.empty()) out.body.emplace_back(owner->body);
    out.session = owner->session;
    out.owner = owner;
    return true;
  }
  void finished(const OutboundRequest& request, const Outcome& outcome) override {
    const std::string& name = std::static_pointer_cast<const Queued>(request.owner)->name;
    note(name, outcome);
  }
  void discard_queue(LossReason reason) override {
    OutboundRequest request;
    while (next(request)) {
      finished(request, reason);
      request.clear();
    }
  }
  void note(const std::string& name, const Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    const auto* delivered = std::get_if<Delivered>(&outcome);
    const std::string text = delivered != nullptr ? std::to_string(delivered->status)
                                                  : std::string(to_string(std::get<LossReason>(outcome)));
    EXPECT_TRUE(outcomes_.emplace(name, text).second) << name << " was finished twice";
  }

  std::mutex mutex_;  // guards the three below
  std::deque<Queued> queue_;
  std::map<std::string, std::string> outcomes_;
  std::vector<SenderEvent> events_;
};

}  // namespace understudy
