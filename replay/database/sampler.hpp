// Looks at a database and its device once a period, on a thread of its own, with a connection of its own.
//
// Thread safety: start() and stop() from one thread.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <vector>

#include "replay/database/connection.hpp"
#include "replay/database/observation.hpp"
#include "replay/database/server_host.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

struct Samples {
  std::vector<DeviceSample> points;
  std::vector<LockWait> lock_waits;  // longest first
  std::optional<Error> lost;         // the server stopped answering; points of the device go on
};

class Sampler {
 public:
  static constexpr std::size_t points_max = 100'000;  // a day and more; later points are left out
  static constexpr std::size_t lock_waits_max = 1000;

  // The host outlives the sampler. The connection is opened at once: nothing is sampled of a server that refuses it.
  Sampler(const ServerHost& host, DatabaseConnectionOptions connection, Nanoseconds period, bool locks,
          const Clock& clock);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  void start();
  // A last point, and everything since start().
  [[nodiscard]] Samples stop();

 private:
  using LockKey = std::tuple<std::string, std::string, std::string, std::string>;

  void run();
  void take_point();
  [[nodiscard]] Result<std::int64_t> read_blocks();
  [[nodiscard]] Result<std::int64_t> read_lock_waits();

  const ServerHost& host_;
  const DatabaseConnectionOptions connection_options_;
  const Nanoseconds period_;
  const bool locks_;
  const Clock& clock_;

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_

  // The thread's alone between start() and stop().
  std::unique_ptr<DatabaseConnection> connection_;
  Samples samples_;
  std::map<LockKey, LockWait> lock_waits_;
  MonotonicTime began_{};
  MonotonicTime last_{};
  std::optional<DeviceCounters> last_device_;
  std::optional<std::int64_t> last_blocks_;
};

}  // namespace understudy
