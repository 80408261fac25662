// The contract, apart from sockets: which request gets which answer.
//
// Thread safety: any thread.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/serve/clone_desk.hpp"
#include "replay/serve/problem.hpp"
#include "replay/serve/state_folder.hpp"
#include "traffic/base/error.hpp"
#include "traffic/observe/status_server.hpp"

namespace understudy {

// What the service says of itself; see ServiceChecks.
struct ServiceHandlers {
  std::function<HealthReport()> health;  // maintenance mode: the service's own
  std::function<std::vector<TestResult>()> tests;
  std::function<Result<std::string>()> statistics;
};

class EnvironmentRoutes {
 public:
  // `waits_max` requests may wait for a clone at once. Both references outlive it.
  EnvironmentRoutes(ServiceHandlers service, StateFolder& folder, CloneDesk& desk, std::string contract,
                    std::size_t waits_max);

  // What is known before a body is read: the methods of a path ("GET, HEAD"), empty where there is no such path.
  [[nodiscard]] static std::string allowed_methods(std::string_view path);
  // Whether a path is for administrators.
  [[nodiscard]] static bool is_guarded(std::string_view path);

  // HEAD is answered as GET. Never throws what its handlers do not.
  [[nodiscard]] ServeAnswer answer(const ServeRequest& request);

 private:
  [[nodiscard]] HealthReport health() const;
  [[nodiscard]] ServeAnswer answer_health() const;
  [[nodiscard]] ServeAnswer answer_tests() const;
  [[nodiscard]] ServeAnswer answer_statistics() const;
  [[nodiscard]] ServeAnswer set_maintenance(const std::string& body);
  [[nodiscard]] ServeAnswer start_clone(const std::string& body);
  [[nodiscard]] ServeAnswer answer_clone(const ServeRequest& request, std::string_view rest);
  [[nodiscard]] ServeAnswer clone_state(std::string_view id, const ServeRequest& request);
  [[nodiscard]] ServeAnswer cancel_clone(std::string_view id);
  [[nodiscard]] ServeAnswer manifest(std::string_view id) const;
  [[nodiscard]] ServeAnswer segment(std::string_view id, std::string_view number) const;

  ServiceHandlers service_;
  StateFolder& folder_;
  CloneDesk& desk_;
  const std::string contract_;
  const std::size_t waits_max_;
  std::atomic<std::size_t> waits_{0};
};

}  // namespace understudy
