// Real middleware: small Python programs that speak the protocol.
#pragma once

#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/manual_clock.hpp"
#include "tests/support/servers/process.hpp"
#include "traffic/middleware/middleware_process.hpp"

namespace understudy {

// What every program begins with: read(): (type, id, payload) of the next line; write(): a line.
inline const std::string middleware_prelude = R"(
import sys, os
def read():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    meta, _, payload = bytes.fromhex(line.strip()).partition(b"\n")
    return meta, payload
def write(meta, payload, upper=False):
    line = (meta + b"\n" + payload).hex()
    sys.stdout.write((line.upper() if upper else line) + "\n")
    sys.stdout.flush()
)";

inline const std::string echo_program = "while True:\n    write(*read())\n";

class MiddlewareTest : public ::testing::Test {
 protected:
  // What came back, in its order.
  struct Answer {
    std::string id;
    MiddlewareVerdict verdict = MiddlewareVerdict::unjudged;
    std::string bytes;
  };

  [[nodiscard]] MiddlewareOptions options_for(const std::string& program) {
    MiddlewareOptions options;
    options.command = {"python3", folder_.write("middleware.py", middleware_prelude + program), "an argument"};
    options.on_child_log = [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      log_.emplace_back(line);
    };
    options.on_trouble = [this](const std::string& text) {
      const std::lock_guard lock(mutex_);
      trouble_.push_back(text);
    };
    return options;
  }
  void start(MiddlewareOptions options) {
    auto process = MiddlewareProcess::start(std::move(options), clock_);
    ASSERT_TRUE(process.has_value()) << process.error().message;
    process_ = std::move(*process);
  }
  bool submit(const std::string& id, const std::string& bytes, GorType type = GorType::request) {
    MiddlewareMessage message;
    message.id = id;
    message.type = type;
    message.start = WallTime(Nanoseconds(1'767'323'045'000'000'006));
    message.bytes = bytes;
    message.done = [this, id](MiddlewareVerdict verdict, std::string_view result) {
      const std::lock_guard lock(mutex_);
      answers_.push_back({id, verdict, std::string(result)});
    };
    return process_->submit(std::move(message));
  }
  [[nodiscard]] std::vector<Answer> answers() {
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  [[nodiscard]] std::vector<std::string> log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  [[nodiscard]] std::vector<std::string> trouble() {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }
  [[nodiscard]] bool answered(std::size_t count) {
    return eventually([&] { return answers().size() >= count; });
  }

  TemporaryFolder folder_;
  ManualClock clock_;
  std::unique_ptr<MiddlewareProcess> process_;

 private:
  std::mutex mutex_;
  std::vector<Answer> answers_;
  std::vector<std::string> log_;
  std::vector<std::string> trouble_;
};

}  // namespace understudy
