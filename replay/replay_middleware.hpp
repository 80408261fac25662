// The user's middleware between a recording and what is sent.
#pragma once

#include <memory>

#include "replay/run/shard.hpp"
#include "traffic/command_line/middleware_settings.hpp"
#include "traffic/middleware/middleware_source.hpp"

namespace understudy {

class ReplayMiddleware {
 public:
  // Starts the child. ExitCode::configuration when that fails.
  [[nodiscard]] static Result<std::unique_ptr<ReplayMiddleware>> start(const MiddlewareSettings& settings,
                                                                       bool is_live);

  // The same exchanges, through the child. The result does not outlive this; one at a time.
  [[nodiscard]] std::unique_ptr<ExchangeSource> in_front_of(std::unique_ptr<ExchangeSource> source);
  // Shows the child the recorded response, and the candidate's. What does not fit into its queue it does not see. Any
  // thread.
  void show_responses(const CompletedRequest& request);
  // Lets the child have what is queued, ends it, and tells in the log what became of it. Call it once, after the run.
  void end();

  [[nodiscard]] const MiddlewareSourceCounts& counts() const { return counts_; }

 private:
  ReplayMiddleware() = default;

  MiddlewareSourceOptions options_;
  MiddlewareSourceCounts counts_;
  std::unique_ptr<MiddlewareProcess> process_;
};

}  // namespace understudy
