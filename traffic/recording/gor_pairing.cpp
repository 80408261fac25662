#include "traffic/recording/gor_pairing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "traffic/recording/session_names.hpp"

namespace understudy {
namespace {

constexpr std::size_t entry_overhead = 200;  // of the maps, about

Nanoseconds at_least_zero(std::optional<Nanoseconds> latency) {
  return std::max(latency.value_or(Nanoseconds(0)), Nanoseconds(0));
}

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
  Held held;
  held.id = record.meta.id;
  held.has_latency = record.meta.latency.has_value();
  held.request = std::make_shared<CapturedRequest>();
  held.request->session = session_named(record.meta.id);
  held.request->first_byte = record.meta.start;
  held.request->last_byte = record.meta.start + at_least_zero(record.meta.latency);
  held.request->message = std::move(*message);
  if (const auto early = early_.find(held.id); early != early_.end()) {
    complete(held, early->second);
    forget(early);
  }
  // An id that is used again: its next response is of this request.
  by_id_.erase(held.id);
  const auto placed = requests_.emplace(Place(record.meta.start, arrived_++), std::move(held)).first;
  weigh(placed->second);
  by_id_.emplace(placed->second.id, placed);
  return {};
}

Result<void> GorPairing::add_response(GorRecords& records) {
  const auto known = by_id_.find(records.record().meta.id);
  if (known == by_id_.end()) return add_early_response(records);
  Held& held = known->second->second;
  if (held.response_came) {
    note_damage(records, "a second response to one request");
    return {};
  }
  held.response_came = true;
  bool cut = false;
  const Answers answers = answers_to(held.request->message);
  auto message = parse_message(parser_, records, MessageKind::response, answers, cut);
  bool complete = records.record().has_end || (message && message->framing() != BodyFraming::until_close);
  if (!message) {
    message = parser_.parse_text(MessageKind::response, records.record().payload, {answers, true});
    complete = false;
  }
  if (cut) note_damage(records, "bytes behind a response that are no record");
  if (!message) {
    note_damage(records, "a response that is not HTTP: " + message.error().message);
    return {};
  }
  set_response(held, std::move(*message), complete, records.record().meta.start, records.record().meta.latency);
  weigh(held);
  return {};
}

Result<void> GorPairing::add_early_response(GorRecords& records) {
  if (const auto size = declared_size(parser_, MessageKind::response, records.record().payload);
      size && *size > records.record().payload.size()) {
    const auto moved = records.end_at(*size);
    if (!moved) return tl::unexpected(moved.error());
  }
  const GorRecords::Record& record = records.record();
  EarlyResponse early{std::string(record.payload), records.input().name(), record.offset, record.has_end,
                      record.meta.start,           record.meta.latency};
  const std::size_t bytes = early.text.size() + entry_overhead;
  if (!early_.emplace(std::string(record.meta.id), std::move(early)).second) {
    note_damage(records, "a second response to one request");
    return {};
  }
  bytes_ += bytes;
  early_order_.emplace_back(record.meta.start, record.meta.id);
  return {};
}

void GorPairing::complete(Held& held, const EarlyResponse& early) {
  held.response_came = true;
  const Answers answers = answers_to(held.request->message);
  auto message = parser_.parse_text(MessageKind::response, early.text, {answers, false});
  bool complete = early.has_end || (message && message->framing() != BodyFraming::until_close);
  if (!message) {
    message = parser_.parse_text(MessageKind::response, early.text, {answers, true});
    complete = false;
  }
  if (!message) {
    report_.note_damage(
        {early.file, early.offset, early.text.size(), "a response that is not HTTP: " + message.error().message});
    return;
  }
  set_response(held, std::move(*message), complete, early.start, early.latency);
}

void GorPairing::set_response(Held& held, HttpMessage message, bool complete, WallTime start,
                              std::optional<Nanoseconds> latency) {
  CapturedResponse& response = held.response.emplace();
  response.message = std::move(message);
  response.complete = complete;
  const CapturedRequest& request = *held.request;
  if (options_.replayed_responses) {
    response.first_byte = request.first_byte + at_least_zero(latency);
    response.last_byte = response.first_byte;
    return;
  }
  response.first_byte = start;
  const WallTime counted_from = held.has_latency ? start : request.last_byte;
  response.last_byte = std::max(start, counted_from + at_least_zero(latency));
}

void GorPairing::weigh(Held& held) {
  bytes_ -= held.bytes;
  held.bytes = entry_overhead + held.request->memory() + (held.response ? held.response->message.memory() : 0);
  bytes_ += held.bytes;
}

bool GorPairing::is_over() const {
  return bytes_ > options_.held_bytes_max || requests_.size() + early_.size() > options_.held_exchanges_max;
}

bool GorPairing::is_due(const Place& place, const Held& held) const {
  const Nanoseconds age = newest_ - place.first;
  if (age < options_.reorder_window) return false;
  return held.response_came || (options_.response_wait && age >= *options_.response_wait);
}

GorPairing::EarlyResponses::iterator GorPairing::forget(EarlyResponses::iterator early) {
  bytes_ -= early->second.text.size() + entry_overhead;
  return early_.erase(early);
}

// A request is earlier than its response. One that has not come within the window will not come.
void GorPairing::drop_early_responses(bool at_end) {
  while (!early_order_.empty()) {
    const auto& [start, id] = early_order_.front();
    const auto early = early_.find(id);
    if (early != early_.end()) {
      if (!at_end && !is_over() && newest_ - start < options_.reorder_window) return;
      forget(early);
      report_.note_left_out("responses whose request is not in the recording");
    }
    early_order_.pop_front();
  }
}

ExchangePtr GorPairing::pop(bool at_end) {
  drop_early_responses(at_end);
  if (requests_.empty()) return nullptr;
  const auto first = requests_.begin();
  if (!at_end && !is_over() && !is_due(first->first, first->second)) return nullptr;
  // The id may be another request's by now, which used it again.
  if (const auto named = by_id_.find(first->second.id); named != by_id_.end() && named->second == first) {
    by_id_.erase(named);
  }
  bytes_ -= first->second.bytes;
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(first->second.request);
  exchange->response = std::move(first->second.response);
  requests_.erase(first);
  return exchange;
}

}  // namespace understudy
