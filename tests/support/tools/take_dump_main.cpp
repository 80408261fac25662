// Prints a `.take` recording for tests: one JSON object a line for each exchange, and the report as the last line.
//
// usage: take-dump FILE|- [KEY_FILE]
#include <fmt/format.h>

#include <cstdio>

#include "traffic/base/json_text.hpp"
#include "traffic/recording/take_reader.hpp"

namespace {

using namespace understudy;

void print_exchange(const Exchange& exchange) {
  const CapturedRequest& request = *exchange.request;
  JsonWriter json;
  json.begin_object();
  json.member("target", request.message.target());
  json.member("session", request.session);
  json.member("time_ns", request.first_byte.time_since_epoch().count());
  json.member("body_length", request.message.body().content_size());
  json.key("status");
  if (exchange.response) {
    json.value(exchange.response->message.status());
  } else {
    json.null();
  }
  json.end_object();
  fmt::print("{}\n", json.take());
}

void print_report(const RecordingReport& report) {
  constexpr const char* names[] = {"complete", "incomplete", "unknown"};
  JsonWriter json;
  json.begin_object();
  json.member("exchanges", report.exchanges);
  json.member("completeness", names[static_cast<int>(report.completeness)]);
  json.member("out_of_order", report.out_of_order);
  json.member("origin", report.origin);
  json.key("damage").begin_array();
  for (const RecordingDamage& damage : report.damage) json.value(damage.text);
  json.end_array();
  json.key("ledger");
  if (report.ledger) {
    json.begin_object();
    json.member("seen", report.ledger->seen);
    json.member("delivered", report.ledger->delivered);
    json.member("lost", report.ledger->lost_total());
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
  fmt::print("{}\n", json.take());
}

}  // namespace

int main(int count, char** words) {
  TakeReadOptions options;
  if (count > 2) options.key_file = words[2];
  auto source = open_take(count > 1 ? words[1] : "-", options);
  while (source) {
    auto exchange = (*source)->next();
    if (!exchange) source = tl::unexpected(exchange.error());
    if (!source || *exchange == nullptr) break;
    print_exchange(**exchange);
  }
  if (!source) {
    fmt::print(stderr, "take-dump: {}\n", source.error().message);
    return static_cast<int>(source.error().code);
  }
  print_report((*source)->report());
  return 0;
}
