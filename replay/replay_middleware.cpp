#include "replay/replay_middleware.hpp"

#include <fmt/format.h>

#include <utility>

#include "traffic/command_line/validation.hpp"
#include "traffic/middleware/middleware_sink.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

// Responses on their way to the child, besides the requests of the window.
constexpr std::size_t responses_max = 8192;
constexpr std::size_t response_bytes_max = std::size_t{16} << 20U;
constexpr auto end_patience = std::chrono::seconds(3);

}  // namespace

Result<std::unique_ptr<ReplayMiddleware>> ReplayMiddleware::start(const MiddlewareSettings& settings, bool is_live) {
  std::unique_ptr<ReplayMiddleware> made(new ReplayMiddleware());
  made->options_.fail_open = settings.fail_open;
  made->options_.is_live = is_live;
  MiddlewareOptions options;
  options.command = settings.command;
  options.messages_max = made->options_.exchanges_max + responses_max;
  options.bytes_max = made->options_.bytes_max + response_bytes_max;
  options.patient = true;
  options.on_child_log = [](std::string_view line) { log_info(fmt::format("Middleware: {}", line)); };
  options.on_trouble = [](const std::string& text) { log_warning(text); };
  auto process = MiddlewareProcess::start(std::move(options));
  if (!process) return tl::unexpected(about("middleware", process.error()));
  made->process_ = std::move(*process);
  return made;
}

std::unique_ptr<ExchangeSource> ReplayMiddleware::in_front_of(std::unique_ptr<ExchangeSource> source) {
  return std::make_unique<MiddlewareSource>(std::move(source), *process_, options_, counts_);
}

// A response costs the shard's loop a copy: the child gets it as text, which costs far more.
void ReplayMiddleware::show_responses(const CompletedRequest& request) {
  const Exchange& recorded = *request.item.exchange;
  MiddlewareMessage message;
  message.id = middleware_id(*recorded.request);
  if (recorded.response && recorded.response->message.body().is_kept()) {
    MiddlewareMessage original = message;
    original.type = GorType::response;
    original.start = recorded.response->first_byte;
    original.latency = recorded.response->last_byte - recorded.response->first_byte;
    original.bytes = middleware_bytes(recorded.response->message);
    static_cast<void>(process_->submit(std::move(original)));
  }
  const TargetAnswer& answer = request.answers.front();
  if (!answer.response || !answer.response->body().is_kept()) return;
  message.type = GorType::replayed_response;
  message.start = system_clock().wall_now() - answer.latency;
  message.latency = answer.latency;
  message.bytes = middleware_bytes(*answer.response);
  static_cast<void>(process_->submit(std::move(message)));
}

void ReplayMiddleware::end() {
  process_->drain(system_clock().monotonic_now() + end_patience);
  const MiddlewareCounts counts = process_->counts();
  const bool is_well = counts.refused + counts.unjudged + counts.restarts == 0;
  log(is_well ? LogLevel::info : LogLevel::warning, "The middleware has ended",
      {{"returned", counts.returned},
       {"omitted", counts.omitted},
       {"unjudged", counts.unjudged},
       {"refused", counts.refused},
       {"restarts", counts.restarts}});
}

}  // namespace understudy
