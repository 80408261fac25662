#include "traffic/recording/har_reader.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "traffic/base/time_text.hpp"
#include "traffic/recording/har_entry.hpp"
#include "traffic/recording/json_cursor.hpp"
#include "traffic/recording/json_input.hpp"
#include "traffic/recording/report_counter.hpp"
#include "traffic/recording/session_names.hpp"

namespace understudy {
namespace {

namespace json = boost::json;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class HarReader final : public ExchangeSource {
 public:
  HarReader(std::unique_ptr<UnpackedInput> input, const ReorderLimits& limits)
      : input_(std::move(input)), cursor_(*input_), window_(limits) {
    counter_.report.format = "har";
    counter_.report.files = 1;
  }

  [[nodiscard]] Result<ExchangePtr> next() override {
    while (true) {
      if (ExchangePtr exchange = window_.pop(place_ == Place::end)) return give(std::move(exchange));
      if (place_ == Place::end) return nullptr;
      auto moved = move_on();
      counter_.report.bytes = input_->bytes_read();
      while (auto damage = input_->take_damage()) counter_.report.note_damage(std::move(*damage));
      if (!moved) return tl::unexpected(moved.error());
    }
  }
  [[nodiscard]] const RecordingReport& report() const override { return counter_.report; }

 private:
  enum class Place : std::uint8_t { start, log, entries, end };

  // One step through the document.
  [[nodiscard]] Result<void> move_on();
  // {"log": {
  [[nodiscard]] Result<bool> enter_log();
  // A member of "log".
  [[nodiscard]] Result<bool> take_member();
  [[nodiscard]] Result<bool> take_entry();
  void read_entry(std::string_view text, std::uint64_t offset);
  void note_damage(std::uint64_t offset, std::uint64_t length, std::string text) {
    counter_.report.note_damage({input_->name(), offset, length, std::move(text)});
  }
  [[nodiscard]] ExchangePtr give(ExchangePtr exchange);

  const std::unique_ptr<UnpackedInput> input_;
  JsonCursor cursor_;
  HarEntryReader entries_;
  ReorderWindow window_;
  SessionCounts sessions_;
  ReportCounter counter_;
  Place place_ = Place::start;
};

Result<bool> HarReader::enter_log() {
  if (auto filled = input_->fill(byte_order_mark.size()); !filled) return filled;
  if (input_->buffered().starts_with(byte_order_mark)) input_->consume(byte_order_mark.size());
  auto object = cursor_.take('{');
  if (!object || !*object) return object;
  while (true) {
    auto key = cursor_.take_key();
    if (!key) return tl::unexpected(key.error());
    if (!*key) return false;
    if (**key == "log") return cursor_.take('{');
    auto skipped = cursor_.skip_value();
    if (!skipped || !*skipped) return skipped;
    auto comma = cursor_.take(',');
    if (!comma || !*comma) return comma;
  }
}

Result<bool> HarReader::take_member() {
  static_cast<void>(cursor_.take(','));
  auto key = cursor_.take_key();
  if (!key) return tl::unexpected(key.error());
  if (!*key) return false;
  if (**key == "entries") {
    auto array = cursor_.take('[');
    if (array && *array) place_ = Place::entries;
    return array;
  }
  if (**key != "_completeness") return cursor_.skip_value();
  auto value = cursor_.take_value(100);
  if (!value) return tl::unexpected(value.error());
  if (*value == "\"complete\"") counter_.report.completeness = Completeness::complete;
  if (*value == "\"incomplete\"") counter_.report.completeness = Completeness::incomplete;
  return value->has_value();
}

Result<bool> HarReader::take_entry() {
  auto closed = cursor_.take(']');
  if (!closed) return closed;
  if (*closed) {
    place_ = Place::log;
    return true;
  }
  static_cast<void>(cursor_.take(','));
  auto next = cursor_.peek();
  if (!next) return tl::unexpected(next.error());
  if (*next == ']') return true;  // a comma behind the last entry
  const std::uint64_t offset = input_->position();
  auto text = cursor_.take_value(har_entry_max);
  if (!text) return tl::unexpected(text.error());
  if (*text) {
    read_entry(**text, offset);
    return true;
  }
  if (!cursor_.is_too_long()) return false;
  note_damage(offset, input_->position() - offset, "an entry that is longer than any entry may be");
  return true;
}

Result<void> HarReader::move_on() {
  if (place_ == Place::log) {
    auto closed = cursor_.take('}');
    if (!closed) return tl::unexpected(closed.error());
    if (*closed) {
      place_ = Place::end;
      return {};
    }
  }
  const bool was_start = place_ == Place::start;
  auto moved = was_start ? enter_log() : place_ == Place::log ? take_member() : take_entry();
  if (!moved) return tl::unexpected(moved.error());
  if (was_start && *moved) place_ = Place::log;
  if (!*moved) {
    note_damage(input_->position(), 0, was_start ? "this is no HTTP archive" : "the archive ends early");
    place_ = Place::end;
  }
  return {};
}

void HarReader::read_entry(std::string_view text, std::uint64_t offset) {
  json::error_code error;
  json::monotonic_resource memory;
  const json::value value = json::parse({text.data(), text.size()}, error, &memory);
  if (error || !value.is_object()) return note_damage(offset, text.size(), "an entry that is no JSON object");
  auto entry = entries_.read(value.get_object());
  if (!entry) return note_damage(offset, text.size(), "an entry that is no exchange: " + entry.error().message);
  if (entry->exchange == nullptr) return counter_.report.note_left_out(entry->left_out);
  if (entry->session.empty()) {
    counter_.report.sessions_known = false;
    entry->session = fmt::format("entry {} of {}", offset, input_->name());
  } else if (entry->session.starts_with("connection ")) {
    // Another file's connections of the same number are others.
    entry->session += " of " + input_->name();
  }
  entry->request->session = session_named(entry->session);
  const WallTime started = entry->request->first_byte;
  window_.push(std::move(entry->exchange), started);
}

ExchangePtr HarReader::give(ExchangePtr exchange) {
  sessions_.number(*exchange);
  counter_.count(*exchange);
  return exchange;
}

}  // namespace

std::unique_ptr<ExchangeSource> open_har(std::unique_ptr<UnpackedInput> input, const ReorderLimits& limits) {
  return std::make_unique<HarReader>(std::move(input), limits);
}

bool is_har(std::string_view first_bytes) {
  constexpr std::string_view space = " \t\r\n";
  if (first_bytes.starts_with(byte_order_mark)) first_bytes.remove_prefix(byte_order_mark.size());
  std::size_t at = first_bytes.find_first_not_of(space);
  if (at == std::string_view::npos || first_bytes[at] != '{') return false;
  at = first_bytes.find_first_not_of(space, at + 1);
  return at != std::string_view::npos && first_bytes.substr(at).starts_with("\"log\"");
}

std::optional<WallTime> first_har_time(std::string_view first_bytes) {
  const auto time = first_text_of(first_bytes, "\"startedDateTime\"");
  return time ? parse_rfc3339(*time) : std::nullopt;
}

}  // namespace understudy
