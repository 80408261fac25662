#include "agent/capture/file_engine.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "agent/capture/capture_format.hpp"
#include "agent/capture/file_input.hpp"
#include "agent/capture/filter_program.hpp"
#include "agent/capture/stop_event.hpp"
#include "traffic/base/counter.hpp"

namespace understudy {
namespace {

// How many packets one poll hands out at most, so that its caller sees to other things in between.
constexpr std::size_t packets_per_poll = 4096;

// Hands on what matches the user's expression, compiled for each link type when it first comes. A link type that the
// expression does not compile for lets nothing pass, and the first such error is kept.
class Filter final : public PacketHandler {
 public:
  explicit Filter(std::string expression) : expression_(std::move(expression)) {}

  void begin(PacketHandler& next) { next_ = &next; }
  void on_packet(const PacketView& packet) override {
    const std::optional<FilterProgram>& program = program_for(packet.link_type);
    if (program && program->matches(packet)) {
      next_->on_packet(packet);
    }
  }
  [[nodiscard]] bool is_needed() const { return !expression_.empty(); }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const std::optional<FilterProgram>& program_for(LinkType link_type) {
    const auto found = programs_.find(link_type);
    if (found != programs_.end()) {
      return found->second;
    }
    Result<FilterProgram> compiled = FilterProgram::compile(link_type, expression_);
    if (!compiled && !error_) {
      error_ = compiled.error();
    }
    return programs_.emplace(link_type, compiled ? std::optional(*std::move(compiled)) : std::nullopt).first->second;
  }

  const std::string expression_;
  PacketHandler* next_ = nullptr;
  std::map<LinkType, std::optional<FilterProgram>> programs_;
  std::optional<Error> error_;
};

class FileEngine final : public Engine {
 public:
  FileEngine(FileInput input, std::unique_ptr<StopEvent> stop, const std::string& expression)
      : input_(std::move(input)), stop_(std::move(stop)), filter_(expression) {}

  // Finds out the format. Idle when a pipe has not delivered its first bytes yet: poll() tries again then.
  [[nodiscard]] Result<FileInput::Fill> detect(Nanoseconds wait);

  Result<PollOutcome> poll(PacketHandler& handler, Nanoseconds wait) override;
  void stop() override { stop_->request(); }
  EngineStatistics statistics() const override { return {packets_.value(), 0, 0}; }
  std::string description() const override {
    return fmt::format("{} ({})", input_.name(), format_ == nullptr ? "format not known yet" : format_->name());
  }

 private:
  [[nodiscard]] Error damaged(const FormatDamage& damage) const;
  [[nodiscard]] Result<PollOutcome> at_end();
  // Hands out what is buffered. Nothing when more bytes are needed for a packet.
  [[nodiscard]] std::optional<Result<PollOutcome>> parse(PacketHandler& handler);

  FileInput input_;
  std::unique_ptr<StopEvent> stop_;
  Filter filter_;
  std::unique_ptr<CaptureFormat> format_;
  Counter packets_;
  std::size_t needed_ = 0;  // 0: the buffer may hold a whole record
  bool ended_ = false;
};

Result<FileInput::Fill> FileEngine::detect(Nanoseconds wait) {
  while (input_.buffered().size() < format_magic_size) {
    Result<FileInput::Fill> filled = input_.fill(format_magic_size, wait, *stop_);
    if (!filled) {
      return fail(ExitCode::capture_unreadable, filled.error().message);
    }
    if (*filled == FileInput::Fill::idle) {
      return filled;
    }
    if (*filled == FileInput::Fill::end) {
      return fail(ExitCode::capture_unreadable,
                  fmt::format("{} holds {} bytes, too few for a capture; expected pcap or pcapng", input_.name(),
                              input_.buffered().size()));
    }
  }
  format_ = detect_format(input_.buffered().first(format_magic_size));
  if (format_ == nullptr) {
    const bool gzip = load_be16(input_.buffered().data()) == 0x1f8b;
    return fail(ExitCode::capture_unreadable,
                fmt::format("{} is neither pcap nor pcapng: it begins with {:08x}{}", input_.name(),
                            load_be32(input_.buffered().data()), gzip ? "; unpack it with gunzip first" : ""));
  }
  return FileInput::Fill::more;
}

Error FileEngine::damaged(const FormatDamage& damage) const {
  return {ExitCode::capture_damaged, fmt::format("{} is damaged at offset {}: {}; the {} packets before it were used",
                                                 input_.name(), damage.offset, damage.what, packets_.value())};
}

Result<PollOutcome> FileEngine::at_end() {
  ended_ = true;
  if (const std::size_t rest = input_.buffered().size(); rest > 0) {
    return tl::unexpected(
        damaged({input_.offset(), fmt::format("the file ends inside a record of at least {} bytes, of which "
                                              "{} are there",
                                              needed_, rest)}));
  }
  if (const FormatDamage* first = format_->first_skipped()) {
    return fail(
        ExitCode::capture_damaged,
        fmt::format("{}: {} damaged records were skipped, the first at offset {}: {}; the other {} packets were used",
                    input_.name(), format_->records_skipped(), first->offset, first->what, packets_.value()));
  }
  return PollOutcome::end;
}

Result<PollOutcome> FileEngine::poll(PacketHandler& handler, Nanoseconds wait) {
  PacketHandler& first = filter_.is_needed() ? filter_ : handler;
  filter_.begin(handler);
  while (!ended_ && !stop_->requested()) {
    Result<FileInput::Fill> filled = FileInput::Fill::more;
    if (format_ == nullptr) {
      filled = detect(wait);
    } else if (input_.buffered().size() < needed_) {
      filled = input_.fill(needed_, wait, *stop_);
    }
    if (!filled) {
      ended_ = true;
      return tl::unexpected(filled.error());
    }
    if (*filled == FileInput::Fill::end) {
      return at_end();
    }
    if (*filled == FileInput::Fill::idle) {
      return stop_->requested() ? PollOutcome::end : PollOutcome::idle;
    }
    const std::optional<Result<PollOutcome>> outcome = parse(first);
    if (outcome) {
      return *outcome;
    }
  }
  return PollOutcome::end;
}

std::optional<Result<PollOutcome>> FileEngine::parse(PacketHandler& handler) {
  const FormatProgress progress = format_->parse(input_.buffered(), input_.offset(), handler, packets_per_poll);
  input_.consume(progress.consumed);
  packets_.add(progress.packets);
  needed_ = progress.needed;
  if (filter_.error()) {
    ended_ = true;
    return tl::unexpected(*filter_.error());
  }
  if (progress.packets > 0) {
    return PollOutcome::packets;  // damage, if any, is found again by the next poll
  }
  if (progress.damage) {
    ended_ = true;
    return tl::unexpected(damaged(*progress.damage));
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Engine>> open_capture_file(const FileOptions& options) {
  if (!options.expression.empty()) {
    // The link types are not known yet; what does not compile for Ethernet is most likely wrong for all.
    if (const auto compiled = FilterProgram::compile(LinkType{1}, options.expression); !compiled) {
      return tl::unexpected(compiled.error());
    }
  }
  Result<FileInput> input = FileInput::open(options.path);
  if (!input) {
    return tl::unexpected(input.error());
  }
  Result<std::unique_ptr<StopEvent>> stop = StopEvent::create();
  if (!stop) {
    return tl::unexpected(stop.error());
  }
  auto engine = std::make_unique<FileEngine>(*std::move(input), *std::move(stop), options.expression);
  if (const Result<FileInput::Fill> detected = engine->detect(Nanoseconds::zero()); !detected) {
    return tl::unexpected(detected.error());
  }
  return engine;
}

}  // namespace understudy
