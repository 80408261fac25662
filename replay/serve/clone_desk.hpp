// Takes clones in, carries them out one after another, and knows how far each is, also after a restart.
//
// What lasts are documents under a clone's Id, beside those of the one who makes it (clone_job.hpp):
//
//   <Id>/order.json    the request as it was accepted, and when
//   <Id>/cancel.json   somebody asked to end it
//   <Id>/state.json    its last state, once it is final
//
// A clone with an order and without a state is carried out, at once or by the next server on the same folder.
//
// Thread safety: any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "replay/clone/clone_job.hpp"
#include "replay/serve/state_folder.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// What the desk leaves to others.
struct CloneDeskOptions {
  CloneRunner bucket_runner, postgres_runner;
  // The request with what the settings add; errors are those of one that cannot be carried out here.
  std::function<Result<CloneRequest>(CloneRequest)> resolve;
  CloneAccessLookup access;
  std::function<Result<std::string>(const CloneRequest&, const std::string& step, std::stop_token)> step;
  std::size_t at_once = 2;
};

class CloneDesk {
 public:
  static constexpr std::size_t waiting_max = 100;
  static constexpr std::size_t clones_max = 10'000;  // known at once; those that are final count, too

  enum class Outcome : std::uint8_t { accepted, known, conflict, full };

  // Goes on with what is in the folder. All outlive it.
  [[nodiscard]] static Result<std::unique_ptr<CloneDesk>> open(CloneDeskOptions options, StateFolder& folder,
                                                               const Clock& clock);
  // Ends what runs, and leaves it to the next one.
  ~CloneDesk();
  CloneDesk(const CloneDesk&) = delete;
  CloneDesk& operator=(const CloneDesk&) = delete;

  // On disk before it is accepted. ExitCode::output_failed when it cannot be written; what `resolve` says.
  [[nodiscard]] Result<Outcome> place(const CloneRequest& request);
  // Now, or when it is final, or after so long. Nothing: no such clone.
  [[nodiscard]] std::optional<CloneState> state(std::string_view id, Nanoseconds wait) const;
  // Its state; nothing: no such clone.
  [[nodiscard]] Result<std::optional<CloneState>> cancel(std::string_view id);

  // The clone-response; of a clone that did not succeed one with the segments that did. REQUIRES: it is final.
  [[nodiscard]] Result<std::string> manifest(std::string_view id) const;
  // The segment-response; nothing where there is none.
  [[nodiscard]] Result<std::optional<std::string>> segment(std::string_view id, std::uint64_t number) const;

 private:
  struct Entry {
    explicit Entry(CloneRequest asked, const Clock& clock) : request(std::move(asked)), progress(request.id, clock) {}
    CloneRequest request;
    CloneProgress progress;
    std::stop_source stop;
    std::optional<CloneState> last;  // of an earlier server
    bool cancelled = false;          // guarded by the desk's mutex
  };

  CloneDesk(CloneDeskOptions options, StateFolder& folder, const Clock& clock);
  [[nodiscard]] Result<void> load(const std::string& id);
  [[nodiscard]] std::shared_ptr<Entry> find(std::string_view id) const;
  void work();
  void carry_out(Entry& entry);
  [[nodiscard]] bool may_write_final(const Entry& entry) const;

  const CloneDeskOptions options_;
  StateFolder& folder_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // guards the four below
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_;
  std::deque<std::shared_ptr<Entry>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace understudy
