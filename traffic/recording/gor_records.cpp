#include "traffic/recording/gor_records.hpp"

#include <algorithm>
#include <utility>

namespace understudy {

Result<std::size_t> GorRecords::find_separator(std::size_t from) {
  while (true) {
    const std::string_view window = input_->buffered();
    const std::size_t found = window.find(gor_separator, from);
    if (found != std::string_view::npos) return found;
    if (window.size() > record_max + gor_meta_max) return window.size();
    // The separator may begin in the last bytes that are there.
    from = std::max(from, window.size() - std::min(window.size(), gor_separator.size() - 1));
    const std::size_t before = window.size();
    auto more = input_->fill(before + 1);  // as much as comes at a time; a live input shall not wait for more
    if (!more) return tl::unexpected(more.error());
    if (!*more) return before;
  }
}

Result<bool> GorRecords::is_end(std::size_t at) {
  const std::size_t behind = at + gor_separator.size();
  while (true) {
    const std::string_view window = input_->buffered();
    if (window.size() < behind || window.substr(at, gor_separator.size()) != gor_separator) return false;
    GorMeta meta;
    std::size_t length = 0;
    const GorMetaResult result = parse_gor_meta(window.substr(behind), meta, length);
    if (result != GorMetaResult::too_short) return result == GorMetaResult::valid;
    auto more = input_->fill(window.size() + 1);
    if (!more) return more;
    // At the end of the text nothing may follow, or a META that was cut, which next() tells as damage.
    if (!*more) return true;
  }
}

void GorRecords::note_packing(RecordingReport& report) {
  while (auto damage = input_->take_damage()) report.note_damage(std::move(*damage));
}

// Passes over everything through the next separator that is an end.
Result<bool> GorRecords::skip_record(RecordingReport& report, const char* why) {
  const std::uint64_t offset = input_->position();
  while (true) {
    auto at = find_separator(0);
    if (!at) return tl::unexpected(at.error());
    if (*at == input_->buffered().size()) {
      // A separator may begin in the last bytes.
      const std::size_t kept = std::min(*at, gor_separator.size() - 1);
      input_->consume(*at - kept);
      auto more = input_->fill(kept + 1);
      if (!more) return more;
      if (*more) continue;
      input_->consume(input_->buffered().size());
      break;
    }
    auto end = is_end(*at);
    if (!end) return end;
    input_->consume(*end ? *at + gor_separator.size() : *at + 1);
    if (*end) break;
  }
  report.note_damage({input_->name(), offset, input_->position() - offset, why});
  return true;
}

// False at the end. The window then begins with a valid META, whose length is payload_at_.
Result<bool> GorRecords::take_meta(RecordingReport& report) {
  while (true) {
    const GorMetaResult result = parse_gor_meta(input_->buffered(), record_.meta, payload_at_);
    if (result == GorMetaResult::valid) return true;
    if (result == GorMetaResult::too_short) {
      auto more = input_->fill(input_->buffered().size() + 1);
      if (!more) return more;
      if (*more) continue;
      if (input_->buffered().empty()) return false;
    }
    auto skipped = skip_record(report, "bytes that are no record");
    if (!skipped) return skipped;
  }
}

// The text ended inside a separator, or so it seems: the message may end in front of what is there of it.
void GorRecords::note_cut_separator() {
  for (std::size_t length = gor_separator.size() - 1; length > 0; --length) {
    if (record_.payload.ends_with(gor_separator.substr(0, length))) {
      record_.inner_ends.push_back(record_.payload.size() - length);
    }
  }
}

Result<bool> GorRecords::next(RecordingReport& report) {
  input_->consume(std::exchange(record_length_, 0));
  while (true) {
    auto meta = take_meta(report);
    note_packing(report);
    if (!meta || !*meta) return meta;
    record_.inner_ends.clear();
    std::size_t from = payload_at_;
    while (true) {
      auto at = find_separator(from);
      if (!at) return tl::unexpected(at.error());
      if (*at - payload_at_ > record_max) break;
      const bool none = *at == input_->buffered().size();
      auto end = none ? Result<bool>(true) : is_end(*at);
      if (!end) return end;
      if (*end) {
        record_.has_end = !none;
        record_.offset = input_->position();
        const std::string_view window = input_->buffered();
        static_cast<void>(parse_gor_meta(window, record_.meta, payload_at_));  // the window has moved
        record_.payload = window.substr(payload_at_, *at - payload_at_);
        record_length_ = *at + (none ? 0 : gor_separator.size());
        if (none) note_cut_separator();
        note_packing(report);
        return true;
      }
      if (record_.inner_ends.size() < inner_ends_max) record_.inner_ends.push_back(*at - payload_at_);
      from = *at + 1;
    }
    auto skipped = skip_record(report, "a record of more than 65 MiB");
    if (!skipped) return skipped;
  }
}

Result<bool> GorRecords::end_at(std::size_t payload_length) {
  const std::size_t at = payload_at_ + payload_length;
  if (payload_length > record_max) return false;
  auto filled = input_->fill(at + gor_separator.size());
  if (!filled) return filled;
  auto end = *filled ? is_end(at) : Result<bool>(false);
  // Reading on may have moved the window.
  const std::string_view window = input_->buffered();
  static_cast<void>(parse_gor_meta(window, record_.meta, payload_at_));
  record_.payload = window.substr(payload_at_, record_.payload.size());
  if (!end || !*end) return end;
  record_.payload = window.substr(payload_at_, payload_length);
  record_.inner_ends.clear();
  record_.has_end = true;
  record_length_ = at + gor_separator.size();
  return true;
}

}  // namespace understudy
