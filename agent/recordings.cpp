#include "agent/recordings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "traffic/base/host_name.hpp"
#include "traffic/command_line/version.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

// A reader of a stream waits for whole blocks.
constexpr Nanoseconds stream_flush_interval = std::chrono::milliseconds(100);

TakeOrigin origin_of(const AgentOptions& options) {
  TakeOrigin origin{{"program", "understudy-agent"},
                    {"version", build_version().version},
                    {"commit", build_version().commit},
                    {"ports", fmt::format("{}", fmt::join(options.capture.ports, ","))}};
  if (std::string host = host_name(); !host.empty()) origin.emplace_back("host", std::move(host));
  if (options.capture.read_path) origin.emplace_back("capture_file", *options.capture.read_path);
  return origin;
}

}  // namespace

unsigned recording_count(const RecordSettings& options) {
  return (options.path.empty() ? 0U : 1U) + (options.stream_path.empty() ? 0U : 1U);
}

Result<void> Recordings::open(const AgentOptions& options, const Context& context) {
  RecordingOptions common;
  common.instance = context.instance_id;
  common.origin = origin_of(options);
  common.capture_ledger = context.capture_ledger;
  common.queue_bytes_max = context.memory.queue_share(options.shadow.routes.size() + recording_count(options.record));
  common.lossless = options.capture.read_path.has_value();
  common.workers = options.capture.workers;
  common.on_trouble = [](const RecordingTrouble& trouble) {
    log(trouble.paused ? LogLevel::error : LogLevel::info, trouble.message);
  };
  common.on_rotation = [](const std::string& message) { log_info(message); };
  if (!options.record.path.empty()) {
    RecordingOptions recording = common;
    recording.path = options.record.path;
    recording.format = options.record.format;
    recording.flush_interval = options.record.flush_interval;
    recording.rotation = options.record.rotation;
    recording.key = options.record.key;
    if (auto opened = open_one(std::move(recording), context.rules); !opened) return opened;
  }
  if (!options.record.stream_path.empty()) {
    RecordingOptions stream = common;
    stream.path = options.record.stream_path;
    stream.format = RecordingFormat::take;
    stream.flush_interval = stream_flush_interval;
    if (auto opened = open_one(std::move(stream), context.rules); !opened) return opened;
  }
  return {};
}

Result<void> Recordings::open_one(RecordingOptions recording, const CurrentRules& rules) {
  auto made = std::make_unique<Recording>();
  auto sink = RecordingSink::open(std::move(recording), rules, made->ledger);
  if (!sink) return tl::unexpected(sink.error());
  made->sink = std::move(*sink);
  recordings_.push_back(std::move(made));
  return {};
}

void Recordings::drain(MonotonicTime deadline) {
  for (const auto& recording : recordings_) recording->sink->drain(deadline);
}

std::vector<Sink*> Recordings::sinks() const {
  std::vector<Sink*> sinks;
  for (const auto& recording : recordings_) sinks.push_back(recording->sink.get());
  return sinks;
}

std::size_t Recordings::queued_exchanges() const {
  std::size_t sum = 0;
  for (const auto& recording : recordings_) sum += recording->sink->queued_exchanges();
  return sum;
}

void Recordings::add_totals(std::map<std::string, LedgerTotals>& outputs) const {
  for (const auto& recording : recordings_) outputs[recording->sink->name()] += recording->ledger.totals();
}

}  // namespace understudy
