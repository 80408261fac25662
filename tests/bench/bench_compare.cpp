// What naming a route, comparing two responses and carrying values cost an exchange.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "replay/carry/carry_book.hpp"
#include "replay/compare/comparison.hpp"
#include "replay/route/route_table.hpp"
#include "tests/support/messages.hpp"

namespace {

using namespace understudy;

void route_of_a_seen_path(benchmark::State& state) {
  RouteTable routes = RouteTable::compile({}).value();
  for (auto _ : state)
    benchmark::DoNotOptimize(routes.route_of("GET", "/api/v2/users/1234567/orders?page=3&sort=date"));
}

void route_of_a_new_path(benchmark::State& state) {
  RouteTable routes = RouteTable::compile({}).value();
  std::vector<std::string> targets;
  for (int i = 0; i < 100'000; ++i) targets.push_back("/api/v2/users/" + std::to_string(i) + "/orders?page=3");
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(routes.route_of("GET", targets[next]));
    next = (next + 1) % targets.size();
  }
}

// About `size` bytes of JSON, of which one number and the spelling may be others.
std::string json_body(std::size_t size, std::string_view last, std::string_view space) {
  std::string body = "{\"items\":[";
  for (int id = 1000; body.size() + 100 < size; ++id) {
    body += "{\"id\":" + std::string(space) + std::to_string(id) +
            ",\"name\":\"someone\",\"email\":\"someone@example.com\",\"active\":true,\"score\":12.75},";
  }
  return body + "{}],\"total\":" + std::string(last) + "}";
}

HttpMessage respond(const std::string& body) {
  return test::read_response(
      "HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 03:04:05 GMT\r\nServer: any\r\nContent-Type: application/json\r\n"
      "Cache-Control: no-store\r\nVary: Accept-Encoding\r\nX-Request-Id: 5f0c2a7e9d4b\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
}

void compare(benchmark::State& state, const HttpMessage& expected, const HttpMessage& actual) {
  Comparison comparison{CompareRules()};
  ComparedExchange exchange;
  exchange.request = {1, 1, "GET", "/api/v2/users/1234567/orders?page=3"};
  exchange.expected = &expected;
  exchange.candidate = &actual;
  for (auto _ : state) {
    ++exchange.request.number;
    benchmark::DoNotOptimize(comparison.add(exchange));
  }
}

void compare_1_kib_of_the_same_bytes(benchmark::State& state) {
  compare(state, respond(json_body(1024, "1", "")), respond(json_body(1024, "1", "")));
}

void compare_1_kib_in_another_spelling(benchmark::State& state) {
  compare(state, respond(json_body(1024, "1", "")), respond(json_body(1024, "1", " ")));
}

void compare_1_kib_with_one_difference(benchmark::State& state) {
  compare(state, respond(json_body(1024, "1", "")), respond(json_body(1024, "2", "")));
}

void compare_64_kib_in_another_spelling(benchmark::State& state) {
  compare(state, respond(json_body(65536, "1", "")), respond(json_body(65536, "1", " ")));
}

void carry_into_a_request(benchmark::State& state) {
  const std::vector<std::string> rules{"json:/access_token -> header:Authorization", "cookies"};
  CarryBook book(CarryRules::compile(rules).value());
  const HttpMessage recorded = respond(R"({"access_token":"recorded-token-of-some-length"})");
  const HttpMessage replayed = respond(R"({"access_token":"replayed-token-of-some-length"})");
  book.learn(1, &recorded, &replayed);
  const auto request = test::capture_get("/api/v2/users/1234567/orders?page=3",
                                         "Authorization: Bearer recorded-token-of-some-length\r\nCookie: a=1; b=2\r\n");
  for (auto _ : state) {
    HeadDraft draft(request->message);
    benchmark::DoNotOptimize(book.edit(1, request->message, draft));
  }
}

BENCHMARK(route_of_a_seen_path);
BENCHMARK(route_of_a_new_path);
BENCHMARK(compare_1_kib_of_the_same_bytes);
BENCHMARK(compare_1_kib_in_another_spelling);
BENCHMARK(compare_1_kib_with_one_difference);
BENCHMARK(compare_64_kib_in_another_spelling);
BENCHMARK(carry_into_a_request);

}  // namespace

BENCHMARK_MAIN();
