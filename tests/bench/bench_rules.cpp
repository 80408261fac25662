// What judging a request costs the capture thread, and what a record costs the writer thread.
#include <benchmark/benchmark.h>

#include "tests/support/messages.hpp"
#include "traffic/pipeline/recorded_view.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace {

using namespace understudy;

constexpr std::string_view typical_fields =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\nAccept: application/json\r\n"
    "Accept-Language: en-GB,en;q=0.8\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: theme=dark; sid=8f3b2c1d0e9a\r\n"
    "X-Request-Id: 5f0c2a7e-9d4b-4a57-b1d6-7e6b0d9f1c22\r\n";

void admit(benchmark::State& state, const RuleOptions& options) {
  const auto rules = compile_rules(options).value();
  const auto request = test::capture_get("/api/v2/users/1234567?fields=name,email&page=3", typical_fields);
  RandomSource random(1);
  for (auto _ : state) benchmark::DoNotOptimize(rules->admit(*request, random));
}

void no_rules(benchmark::State& state) { admit(state, {}); }

void sampling_by_cookie(benchmark::State& state) {
  RuleOptions options;
  options.sample = {"10% by cookie:sid"};
  admit(state, options);
}

void five_filters_and_a_limit(benchmark::State& state) {
  RuleOptions options;
  options.deny = {"method=OPTIONS", "header:User-Agent=~(?i)bot|crawler", "client=10.0.0.0/8", "param:debug"};
  options.allow = {"path=~^/api/v[0-9]+/"};
  options.limit = "1000000/s";
  admit(state, options);
}

class NullSink final : public ByteSink {
 public:
  [[nodiscard]] bool append(std::string_view bytes) override {
    benchmark::DoNotOptimize(bytes.data());
    return true;
  }
};

void record(benchmark::State& state, const RuleOptions& options, std::string_view response) {
  const auto rules = compile_rules(options).value();
  const ExchangePtr exchange =
      test::make_exchange(test::capture_get("/api/v2/users/1?page=3", typical_fields), response);
  RecordedView view;
  JsonlWriter writer("0123456789abcdef");
  NullSink sink;
  for (auto _ : state) {
    benchmark::DoNotOptimize(writer.write(view.of(*exchange, rules->recording_redactor()), sink));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(exchange->memory()));
}

std::string json_response(std::size_t size) {
  std::string body = "[";
  while (body.size() < size) body += R"({"id":12345,"name":"someone","email":"someone@example.com"},)";
  body += "0]";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

void record_small_get(benchmark::State& state) {
  record(state, {}, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
}

void record_64_kib(benchmark::State& state) { record(state, {}, json_response(65536)); }

void record_64_kib_redacting_json(benchmark::State& state) {
  RuleOptions options;
  options.redact = {"json:email"};
  record(state, options, json_response(65536));
}

BENCHMARK(no_rules);
BENCHMARK(sampling_by_cookie);
BENCHMARK(five_filters_and_a_limit);
BENCHMARK(record_small_get);
BENCHMARK(record_64_kib);
BENCHMARK(record_64_kib_redacting_json);

}  // namespace

BENCHMARK_MAIN();
