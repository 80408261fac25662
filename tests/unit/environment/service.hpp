// A service on loopback that gives answers in a prepared order, a client of it, and pauses that pass manual time.
#pragma once

#include <fmt/format.h>

#include <mutex>
#include <string>
#include <vector>

#include "replay/environment/environment_client.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/servers/scripted_server.hpp"

namespace understudy::test {

inline std::string answer(int status, const std::string& body, const std::string& fields = {}) {
  return fmt::format("HTTP/1.1 {} Said\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status, fields,
                     body.size(), body);
}

inline std::string health_body(const std::string& version, bool database = true, bool maintenance = false) {
  return fmt::format(
      R"({{"BuildVersion":"{}","BuildTimestamp":"2016-07-27T04:53:04+00:00","DatabaseConnectivity":{},"MaintenanceMode":{}}})",
      version, database, maintenance);
}

// Gives one answer to each request; the last one again and again.
class Service {
 public:
  explicit Service(std::vector<std::string> answers)
      : answers_(std::move(answers)), server_([this](Conversation& conversation) { talk(conversation); }) {}

  [[nodiscard]] HttpClientOptions options() const {
    HttpClientOptions options;
    options.target = *parse_target(fmt::format("http://127.0.0.1:{}", server_.port()));
    return options;
  }
  // Heads with bodies, as they came.
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void talk(Conversation& conversation) {
    const auto request = conversation.read_request();
    if (!request) return;
    std::string reply;
    {
      const std::lock_guard lock(mutex_);
      reply = answers_[std::min(requests_.size(), answers_.size() - 1)];
      requests_.push_back(*request);
    }
    if (reply.empty()) return conversation.reset();
    conversation.write(reply);
  }

  mutable std::mutex mutex_;
  std::vector<std::string> answers_;  // "": the connection is reset
  std::vector<std::string> requests_;
  ScriptedServer server_;
};

// Passes the time at once, and remembers it. `stop_after` pauses it says that the wait is to stop.
class ManualPause final : public Pause {
 public:
  explicit ManualPause(ManualClock& clock) : clock_(clock) {}
  bool wait(Nanoseconds time) override {
    pauses.push_back(time);
    clock_.advance(time);
    return pauses.size() <= stop_after;
  }

  std::vector<Nanoseconds> pauses;
  std::size_t stop_after = 1000;

 private:
  ManualClock& clock_;
};

// A service with a client of it.
struct ServiceAndClient {
  explicit ServiceAndClient(std::vector<std::string> answers) : service(std::move(answers)) {
    EnvironmentOptions options;
    options.http = service.options();
    client.emplace(options, clock, pause);
  }

  ManualClock clock;
  ManualPause pause{clock};
  Service service;
  std::optional<EnvironmentClient> client;
};

}  // namespace understudy::test
