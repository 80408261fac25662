// A run over exchanges that a test makes, against real servers on loopback.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "replay/pacing/pacing_options.hpp"
#include "replay/run/replay_run.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/servers/nginx_fixture.hpp"
#include "tests/support/servers/process.hpp"
#include "tests/support/servers/scripted_server.hpp"

namespace understudy {

// A recording in memory.
class VectorSource final : public ExchangeSource {
 public:
  explicit VectorSource(std::vector<ExchangePtr> exchanges) : exchanges_(std::move(exchanges)) {}
  [[nodiscard]] Result<ExchangePtr> next() override {
    if (next_ == exchanges_.size()) return ExchangePtr{};
    ++report_.exchanges;
    return exchanges_[next_++];
  }
  [[nodiscard]] const RecordingReport& report() const override { return report_; }

 private:
  std::vector<ExchangePtr> exchanges_;
  std::size_t next_ = 0;
  RecordingReport report_;
};

class RunTest : public testing::Test {
 protected:
  // Appends an exchange of a session, `at` after the recording's first.
  void record(std::uint64_t session, const std::string& request_text, const std::string& response_text = ok_text,
              Nanoseconds at = {}) {
    auto request = test::capture_request(request_text);
    request->session = session;
    request->first_byte += at;
    request->last_byte += at;
    exchanges.push_back(test::make_exchange(std::move(request), response_text));
  }
  void record_get(std::uint64_t session, const std::string& target, Nanoseconds at = {}) {
    record(session, fmt::format("GET {} HTTP/1.1\r\nHost: production\r\n\r\n", target), ok_text, at);
  }

  void add_target(std::uint16_t port) {
    RunTarget target;
    target.sender.target = *parse_target(fmt::format("http://127.0.0.1:{}", port));
    target.sender.breaker_failures = ~0U;
    options.targets.push_back(std::move(target));
  }

  // Creates the run, starts it, and waits for its end.
  void play() {
    make();
    run->start();
    ASSERT_TRUE(eventually([this] { return run->finished(); }));
    ASSERT_TRUE(run->end());
    measured = run->measured();
  }
  void make() {
    options.schedule.allow_writes = allow_writes;
    auto pacer = make_pacer(pacing);
    ASSERT_TRUE(pacer.has_value());
    const OpenSource open = [this] { return std::make_unique<VectorSource>(exchanges); };
    auto made = ReplayRun::create(options, std::make_unique<VectorSource>(exchanges), open, std::move(*pacer),
                                  *RouteTable::compile({}), rules, system_clock());
    ASSERT_TRUE(made.has_value());
    run = std::move(*made);
  }
  [[nodiscard]] const LoadFigures& candidate() const { return measured.targets.front(); }

  static constexpr const char* ok_text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  std::vector<ExchangePtr> exchanges;
  ReplayRunOptions options;
  PacingOptions pacing;
  bool allow_writes = true;
  CurrentRules rules{*compile_rules({})};
  std::unique_ptr<ReplayRun> run;
  MeasuredFigures measured;
};

}  // namespace understudy
