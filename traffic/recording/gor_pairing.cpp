#include "traffic/recording/gor_pairing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "traffic/base/check.hpp"
#include "traffic/recording/session_names.hpp"

namespace understudy {
namespace {

constexpr std::size_t entry_overhead = 200;  // of the maps, about

std::string_view head_of(std::string_view payload) {
  const std::size_t end = payload.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view() : payload.substr(0, end + 4);
}

// Bytes that the message has by its head; empty where that is not a matter of Content-Length.
std::optional<std::size_t> declared_size(WholeMessageParser& parser, MessageKind kind, std::string_view payload) {
  const std::string_view head = head_of(payload);
  const auto message = parser.parse_head_only(kind, head, 0, 0);
  if (!message || message->framing() != BodyFraming::content_length) return std::nullopt;
  const std::string_view text = message->field("Content-Length").value_or("");
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || length > GorRecords::record_max) return std::nullopt;
  return head.size() + length;
}

// Parses the record's message, wherever it ends: where the record does, further on where its head says so, or in front
// of an inner separator. `cut` tells the last case. The error is that of the record as it is.
Result<HttpMessage> parse_message(WholeMessageParser& parser, GorRecords& records, MessageKind kind, Answers answers,
                                  bool& cut) {
  const WholeMessageOptions options{answers, false};
  auto message = parser.parse_text(kind, records.record().payload, options);
  if (message) return message;
  if (const auto size = declared_size(parser, kind, records.record().payload);
      size && *size > records.record().payload.size()) {
    const auto moved = records.end_at(*size);
    if (!moved) return tl::unexpected(moved.error());
    if (*moved) return parser.parse_text(kind, records.record().payload, options);
  }
  for (const std::size_t end : records.record().inner_ends) {
    auto shorter = parser.parse_text(kind, records.record().payload.substr(0, end), options);
    if (!shorter) continue;
    cut = true;
    return shorter;
  }
  return message;
}

}  // namespace

void GorPairing::note_damage(const GorRecords& records, std::string text) {
  report_.note_damage(
      {records.input().name(), records.record().offset, records.record().payload.size(), std::move(text)});
}

Result<void> GorPairing::add(GorRecords& records) {
  newest_ = std::max(newest_, records.record().meta.start);
  switch (records.record().meta.type) {
    case GorType::request: return add_request(records);
    case GorType::response:
      if (options_.replayed_responses) return {};
      return add_response(records);
    case GorType::replayed_response:
      if (!options_.replayed_responses) return {};
      return add_response(records);
  }
  return {};
}

Result<void> GorPairing::add_request(GorRecords& records) {
  bool cut = false;
  auto message = parse_message(parser_, records, MessageKind::request, Answers::ordinary, cut);
  const GorRecords::Record& record = records.record();
  if (!message) {
    note_damage(records, "a request that is not whole: " + message.error().message);
    return {};
  }
  if (cut) note_damage(records, "bytes behind a request that are no record");
  auto request = std::make_shared<CapturedRequest>();
  request->session = session_named(record.meta.id);
  request->first_byte = record.meta.start;
  request->last_byte = record.meta.start + std::max(record.meta.latency.value_or(Nanoseconds(0)), Nanoseconds(0));
  request->message = std::move(*message);

  const auto known = by_id_.find(record.meta.id);
  if (known != by_id_.end() && known->second->second.request == nullptr) {
    // Its response came first. The entry moves to the request's time.
    auto node = entries_.extract(known->second);
    Entry& entry = node.mapped();
    node.key().first = request->first_byte;
    entry.request = std::move(request);
    entry.request_had_latency = record.meta.latency.has_value();
    complete_early_response(entry);
    weigh(entry);
    known->second = entries_.insert(std::move(node)).position;
    return {};
  }
  if (known != by_id_.end()) by_id_.erase(known);  // an id that is used again: its next response is of this request
  Entry entry;
  entry.id = record.meta.id;
  entry.request_had_latency = record.meta.latency.has_value();
  const WallTime time = request->first_byte;
  entry.request = std::move(request);
  insert(time, std::move(entry));
  return {};
}

Result<void> GorPairing::add_response(GorRecords& records) {
  const auto known = by_id_.find(records.record().meta.id);
  Entry early;
  Entry& entry = known != by_id_.end() ? known->second->second : early;
  if (entry.response_came) {
    note_damage(records, "a second response to one request");
    return {};
  }
  entry.response_came = true;
  entry.response_start = records.record().meta.start;
  entry.response_latency = records.record().meta.latency;
  if (entry.request == nullptr) {
    if (const auto size = declared_size(parser_, MessageKind::response, records.record().payload);
        size && *size > records.record().payload.size()) {
      const auto moved = records.end_at(*size);
      if (!moved) return tl::unexpected(moved.error());
    }
    const GorRecords::Record& record = records.record();
    entry.id = record.meta.id;
    entry.file = records.input().name();
    entry.response_offset = record.offset;
    entry.response_text = record.payload;
    entry.response_has_end = record.has_end;
    const WallTime time = entry.response_start;
    insert(time, std::move(early));
    return {};
  }
  bool cut = false;
  const Answers answers = answers_to(entry.request->message);
  auto message = parse_message(parser_, records, MessageKind::response, answers, cut);
  bool complete = records.record().has_end || (message && message->framing() != BodyFraming::until_close);
  if (!message) {
    message = parser_.parse_text(MessageKind::response, records.record().payload, {answers, true});
    complete = false;
    if (!message) note_damage(records, "a response that is not HTTP: " + message.error().message);
  }
  if (cut) note_damage(records, "bytes behind a response that are no record");
  if (!message) return {};
  set_response(entry, std::move(*message), complete);
  weigh(entry);
  return {};
}

void GorPairing::complete_early_response(Entry& entry) {
  const WholeMessageOptions options{answers_to(entry.request->message), false};
  auto message = parser_.parse_text(MessageKind::response, entry.response_text, options);
  bool complete = entry.response_has_end || (message && message->framing() != BodyFraming::until_close);
  if (!message) {
    message = parser_.parse_text(MessageKind::response, entry.response_text, {options.answers, true});
    complete = false;
  }
  if (message) {
    set_response(entry, std::move(*message), complete);
  } else {
    report_.note_damage({entry.file, entry.response_offset, entry.response_text.size(),
                         "a response that is not HTTP: " + message.error().message});
  }
  entry.response_text = std::string();
}

void GorPairing::set_response(Entry& entry, HttpMessage message, bool complete) {
  CapturedResponse& response = entry.response.emplace();
  response.message = std::move(message);
  response.complete = complete;
  const Nanoseconds latency = std::max(entry.response_latency.value_or(Nanoseconds(0)), Nanoseconds(0));
  const CapturedRequest& request = *entry.request;
  if (options_.replayed_responses) {
    response.first_byte = request.first_byte + latency;
    response.last_byte = response.first_byte;
    return;
  }
  response.first_byte = entry.response_start;
  const WallTime counted_from = entry.request_had_latency ? entry.response_start : request.last_byte;
  response.last_byte = std::max(entry.response_start, counted_from + latency);
}

void GorPairing::weigh(Entry& entry) {
  bytes_ -= entry.bytes;
  entry.bytes = entry_overhead + entry.response_text.size() + (entry.request ? entry.request->memory() : 0) +
                (entry.response ? entry.response->message.memory() : 0);
  bytes_ += entry.bytes;
}

void GorPairing::insert(WallTime time, Entry entry) {
  const auto [place, is_new] = entries_.emplace(Place(time, arrived_++), std::move(entry));
  CHECK(is_new);
  weigh(place->second);
  by_id_[place->second.id] = place;
}

bool GorPairing::is_due(const Place& place, const Entry& entry) const {
  const Nanoseconds age = newest_ - place.first;
  if (age < options_.reorder_window) return false;
  // A response comes behind its request, so one that waits for it has waited long enough.
  if (entry.request == nullptr || entry.response_came) return true;
  return options_.response_wait && age >= *options_.response_wait;
}

ExchangePtr GorPairing::pop(bool at_end) {
  while (!entries_.empty()) {
    const auto first = entries_.begin();
    const bool over = bytes_ > options_.held_bytes_max || entries_.size() > options_.held_exchanges_max;
    if (!at_end && !over && !is_due(first->first, first->second)) return nullptr;
    // The id may be another entry's by now, which used it again.
    if (const auto named = by_id_.find(first->second.id); named != by_id_.end() && named->second == first) {
      by_id_.erase(named);
    }
    Entry entry = std::move(first->second);
    bytes_ -= entry.bytes;
    entries_.erase(first);
    if (entry.request == nullptr) {
      report_.note_left_out("responses whose request is not in the recording");
      continue;
    }
    auto exchange = std::make_shared<Exchange>();
    exchange->request = std::move(entry.request);
    exchange->response = std::move(entry.response);
    return exchange;
  }
  return nullptr;
}

}  // namespace understudy
