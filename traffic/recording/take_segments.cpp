#include "traffic/recording/take_segments.hpp"

#include <fmt/format.h>

#include <utility>

namespace understudy {
namespace {

constexpr std::size_t origins_max = 16;

tl::unexpected<Error> unreadable(std::string text) { return fail(ExitCode::recording_unreadable, std::move(text)); }

// "api-1, understudy-agent 1.2.3, ports 8080": what is known, for people.
std::string sentence_of(const TakeOrigin& origin) {
  std::string sentence;
  const auto add = [&](std::string_view before, std::string_view text) {
    if (text.empty()) return;
    if (!sentence.empty()) sentence += ", ";
    sentence += before;
    sentence += text;
  };
  add("", text_of(origin, "host"));
  const std::string_view program = text_of(origin, "program");
  const std::string_view version = text_of(origin, "version");
  add("", version.empty() ? std::string(program) : fmt::format("{} {}", program, version));
  add("ports ", text_of(origin, "ports"));
  add("", text_of(origin, "note"));
  return sentence;
}

}  // namespace

std::uint64_t take_session_base(std::string_view instance) {
  if (instance.empty()) return 0;
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a, 64 bits
  for (const char byte : instance) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  // Mixed, and with room below for a run's own numbers, so that neighbours in a run stay neighbours.
  hash ^= hash >> 32U;
  hash *= 0x9e3779b97f4a7c15U;
  return hash & ~((std::uint64_t{1} << 24U) - 1);
}

TakeSegments::TakeSegments(std::string path, const TakeKey* key, RecordingReport& report)
    : path_(std::move(path)), key_(key), report_(report) {}

void TakeSegments::begin_block(const TakeBlock& block, bool after_damage) {
  const TakeHeader& header = block.header;
  if (!open_ || header.segment != segment_) {
    if (open_) end_segment(block.offset);
    begin_segment(block);
  }
  if (header.number != next_number_ && !after_damage) {
    damage(block.offset, 0,
           header.number > next_number_
               ? fmt::format("{} blocks are missing in front of this one", header.number - next_number_)
               : fmt::format("a block with the number {}, where {} was due", header.number, next_number_));
  }
  next_number_ = std::uint64_t{header.number} + 1;
}

void TakeSegments::begin_segment(const TakeBlock& block) {
  ++segments_;
  open_ = true;
  has_certificate_ = false;
  segment_ = block.header.segment;
  next_number_ = 0;
  session_base_ = 0;
  flush_interval_.clear();
  ledger_.reset();
  statement_.reset();
}

// The segment's last block was read: its certificate, or whatever came before a crash.
void TakeSegments::end_segment(std::uint64_t offset) {
  if (!has_certificate_) {
    ++uncertified_;
    damage(offset, 0,
           fmt::format("ended without its certificate; at most the last {} is missing",
                       flush_interval_.empty() ? std::string("flush interval") : flush_interval_));
  }
  note_losses(offset);
  open_ = false;
}

void TakeSegments::note_losses(std::uint64_t offset) {
  if (statement_) {
    if (statement_->completeness == Completeness::incomplete) any_loss_ = true;
    if (statement_->completeness == Completeness::unknown) any_unknown_ = true;
    if (statement_->completeness == Completeness::incomplete && !statement_->text.empty()) {
      damage(offset, 0, fmt::format("it was converted from an incomplete recording: {}", statement_->text));
    }
  }
  if (!ledger_) {
    if (!statement_) any_unknown_ = true;
    return;
  }
  const LedgerTotals totals = ledger_->combined();
  if (totals.lost_total() > 0) any_loss_ = true;
  report_.ledger = report_.ledger.value_or(LedgerTotals{});
  *report_.ledger += totals;
  if (ledger_->packets_dropped > 0) {
    any_loss_ = true;
    damage(offset, 0,
           fmt::format("the capture dropped {} packets in front of its own counting", ledger_->packets_dropped));
  }
}

Result<void> TakeSegments::take_payload(const TakeBlock& block, TakeUnpacked unpacked, std::string_view payload) {
  if (unpacked != TakeUnpacked::good) return refuse_payload(block, unpacked);
  if (block.header.kind == TakeBlockKind::segment) {
    TakeCursor cursor(payload);
    while (const auto record = next_take_record(cursor)) {
      if (record->kind != TakeRecordKind::origin) continue;
      const auto origin = read_take_origin(record->content);
      if (!origin) continue;
      if (auto taken = take_origin(*origin); !taken) return taken;
    }
    return {};
  }
  if (block.header.kind != TakeBlockKind::ledger && block.header.kind != TakeBlockKind::end) return {};
  take_certificate(payload);
  if (block.header.kind != TakeBlockKind::end) return {};
  has_certificate_ = true;
  end_segment(block.offset);
  return {};
}

Result<void> TakeSegments::take_origin(const TakeOrigin& origin) {
  const std::string_view check = text_of(origin, "key_check");
  if (!check.empty()) {
    if (key_ == nullptr) {
      return unreadable(fmt::format("the recording '{}' is encrypted: give the file that holds its key", path_));
    }
    if (check != key_->check_value(segment_)) {
      return unreadable(fmt::format("the recording '{}' was encrypted with another key than the one given", path_));
    }
  }
  session_base_ = take_session_base(text_of(origin, "instance"));
  flush_interval_ = text_of(origin, "flush");
  if (std::string sentence = sentence_of(origin); !sentence.empty() && origins_.size() < origins_max) {
    origins_.insert(std::move(sentence));
  }
  return {};
}

void TakeSegments::take_certificate(std::string_view payload) {
  TakeCursor cursor(payload);
  while (const auto record = next_take_record(cursor)) {
    if (record->kind == TakeRecordKind::ledger) {
      if (auto ledger = read_take_ledger(record->content)) ledger_ = *ledger;
    } else if (record->kind == TakeRecordKind::statement) {
      if (auto statement = read_take_statement(record->content)) statement_ = std::move(*statement);
    }
  }
}

Result<void> TakeSegments::refuse_payload(const TakeBlock& block, TakeUnpacked unpacked) {
  if (unpacked == TakeUnpacked::sealed) {
    return unreadable(fmt::format("the recording '{}' is encrypted: give the file that holds its key", path_));
  }
  const std::string_view text = unpacked == TakeUnpacked::checksum ? "a block whose checksum is wrong"
                                : unpacked == TakeUnpacked::not_openable
                                    ? "an encrypted block that does not open with this key"
                                    : "a block that does not unpack";
  damage(block.offset, block.end() - block.offset, std::string(text));
  return {};
}

void TakeSegments::finish(std::uint64_t offset) {
  if (open_) end_segment(offset);
  for (const std::string& origin : origins_) {
    if (!report_.origin.empty()) report_.origin += "; ";
    report_.origin += origin;
  }
  report_.completeness = report_.damages > 0 || any_loss_ || uncertified_ > 0 ? Completeness::incomplete
                         : any_unknown_                                       ? Completeness::unknown
                                                                              : Completeness::complete;
}

void TakeSegments::damage(std::uint64_t offset, std::uint64_t length, std::string text) {
  report_.note_damage({path_, offset, length, std::move(text)});
}

}  // namespace understudy
