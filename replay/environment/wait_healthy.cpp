#include "replay/environment/wait_healthy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

// The healthy polls in a row.
class Row {
 public:
  explicit Row(const std::string& expected_version) : expected_version_(expected_version) {}

  // Takes a poll's answer in.
  void add(const Result<HealthAnswer>& answer) {
    if (!answer || !answer->is_healthy()) {
      length_ = 0;
      return;
    }
    const HealthPayload& payload = *answer->payload;
    const bool is_same =
        length_ > 0 && payload.build_version == last_.build_version && payload.build_timestamp == last_.build_timestamp;
    last_ = payload;
    if (!expected_version_.empty() && payload.build_version != expected_version_) {
      length_ = 0;
    } else {
      length_ = is_same ? length_ + 1 : 1;
    }
  }
  [[nodiscard]] unsigned length() const { return length_; }
  [[nodiscard]] const HealthPayload& last() const { return last_; }

 private:
  const std::string& expected_version_;
  unsigned length_ = 0;
  HealthPayload last_;
};

}  // namespace

Result<HealthPayload> wait_healthy(const EnvironmentClient& client, const HealthWait& wait,
                                   const std::function<void(const HealthPoll&)>& progress) {
  const Clock& clock = client.clock();
  const MonotonicTime start = clock.monotonic_now();
  const MonotonicTime end = start + wait.deadline;
  Row row(wait.expected_version);
  for (std::uint64_t number = 1;; ++number) {
    const Result<HealthAnswer> answer = client.health();
    if (!answer && answer.error().code == ExitCode::tls) return tl::unexpected(answer.error());
    row.add(answer);
    const MonotonicTime now = clock.monotonic_now();
    const std::string found = answer ? answer->text() : answer.error().message;
    progress({number, row.length(), now - start, found});
    if (row.length() >= wait.polls) return row.last();
    const bool is_late = now >= end;
    if (is_late || !client.pause().wait(std::min<Nanoseconds>(wait.interval, end - now))) {
      const std::string wanted =
          wait.expected_version.empty() ? std::string() : fmt::format(" with BuildVersion {}", wait.expected_version);
      return fail(ExitCode::environment_unfit,
                  fmt::format("{} was not healthy{} {} times in a row {}; the last of {} polls found: {}",
                              client.display(), wanted, wait.polls,
                              is_late ? "within " + duration_text(wait.deadline) : "before the wait was stopped",
                              number, found));
    }
  }
}

}  // namespace understudy
