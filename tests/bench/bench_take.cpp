// What a `.take` recording costs: the writer thread for each exchange, and a reader for each.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/messages.hpp"
#include "traffic/base/check.hpp"
#include "traffic/http/whole_message.hpp"
#include "traffic/pipeline/recording_encoder.hpp"
#include "traffic/recording/append_file.hpp"
#include "traffic/recording/take_capture_view.hpp"
#include "traffic/recording/take_encoder.hpp"
#include "traffic/recording/take_header.hpp"
#include "traffic/recording/take_reader.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace {

using namespace understudy;

constexpr std::string_view small_fields =
    "User-Agent: curl/8.5.0\r\nAccept: application/json\r\nX-Request-Id: 5f0c2a7e-9d4b-4a57-b1d6-";
constexpr std::string_view large_fields =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\nAccept: application/json\r\n"
    "Accept-Language: en-GB,en;q=0.8\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: theme=dark; sid=8f3b2c1d0e9a\r\n"
    "X-Request-Id: 5f0c2a7e-9d4b-4a57-b1d6-";

// A thousand requests that differ as those of an API do, each with its answer.
std::vector<ExchangePtr> make_exchanges(std::string_view fields, std::size_t body_size) {
  std::vector<ExchangePtr> exchanges;
  std::uint64_t state = 1;
  for (int i = 0; i < 1000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const std::string id = std::to_string(state >> 20U);
    auto request =
        test::capture_get("/api/v2/users/" + id + "?page=" + std::to_string(i % 10), std::string(fields) + id + "\r\n");
    request->session = state >> 56U;
    request->first_byte += std::chrono::microseconds(100 * i);
    request->last_byte = request->first_byte;
    std::string body = "{\"id\":" + id + ",\"name\":\"someone\"";
    while (body.size() + 1 < body_size) body += ",\"k" + std::to_string(body.size()) + "\":" + id;
    body += "}";
    exchanges.push_back(test::make_exchange(
        request,
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 23:00:00 GMT\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body));
  }
  return exchanges;
}

class CountingSink final : public ByteSink {
 public:
  std::uint64_t bytes = 0;

  [[nodiscard]] bool append(std::string_view text) override {
    bytes += text.size();
    return true;
  }
};

void write_exchanges(benchmark::State& state, std::string_view fields, std::size_t body_size, bool encrypted,
                     bool keep_secrets) {
  const auto exchanges = make_exchanges(fields, body_size);
  RuleOptions options;
  options.keep_secrets = keep_secrets;
  const auto rules = compile_rules(options).value();
  TakeRecordingOptions recording;
  if (encrypted) recording.key.emplace(std::array<std::uint8_t, 32>{});
  recording.ledger = [] { return TakeLedger{}; };
  const auto encoder = make_take_encoder(std::move(recording), system_clock());
  CountingSink sink;
  std::size_t next = 0;
  std::uint64_t raw = 0;
  for (auto _ : state) {
    const Exchange& exchange = *exchanges[next];
    next = next + 1 == exchanges.size() ? 0 : next + 1;
    CHECK(encoder->add(exchange, rules->recording_redactor(), sink));
    raw += exchange.request->message.raw_head().size() + exchange.response->message.raw_head().size() + body_size;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_on_disk"] =
      benchmark::Counter(static_cast<double>(sink.bytes) / static_cast<double>(state.iterations()));
  state.counters["bytes_on_wire"] =
      benchmark::Counter(static_cast<double>(raw) / static_cast<double>(state.iterations()));
}

void write_small(benchmark::State& state) { write_exchanges(state, small_fields, 40, false, true); }
void write_small_redacting(benchmark::State& state) { write_exchanges(state, small_fields, 40, false, false); }
void write_small_encrypted(benchmark::State& state) { write_exchanges(state, small_fields, 40, true, true); }
void write_typical_redacting_a_cookie(benchmark::State& state) {
  write_exchanges(state, large_fields, 500, false, false);
}
void write_64_kib(benchmark::State& state) { write_exchanges(state, small_fields, 65536, false, true); }

void read_exchanges(benchmark::State& state, std::string_view fields, std::size_t body_size) {
  const std::string path = "/tmp/understudy_bench_" + std::to_string(body_size) + ".take";
  std::remove(path.c_str());
  const auto exchanges = make_exchanges(fields, body_size);
  const std::size_t rounds = body_size > 10'000 ? 2 : 100;
  {
    auto file = AppendFile::open(path, RecordEnd::none).value();
    TakeEncoder encoder({});
    TakeCaptureView view;
    for (std::size_t i = 0; i < rounds; ++i) {
      for (const ExchangePtr& exchange : exchanges) {
        TakeExchange& shifted = view.of(*exchange);
        shifted.request.first_byte += std::chrono::milliseconds(100 * i);
        shifted.request.last_byte += std::chrono::milliseconds(100 * i);
        CHECK(encoder.add(shifted, *file));
      }
    }
    CHECK(encoder.finish(nullptr, nullptr, *file) && file->flush());
  }
  std::uint64_t count = 0;
  for (auto _ : state) {
    auto source = open_take(path).value();
    while (const ExchangePtr exchange = source->next().value()) ++count;
    CHECK(source->report().damages == 0);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(count));
  std::remove(path.c_str());
}

void read_small(benchmark::State& state) { read_exchanges(state, small_fields, 40); }
void read_typical(benchmark::State& state) { read_exchanges(state, large_fields, 500); }
void read_64_kib(benchmark::State& state) { read_exchanges(state, small_fields, 65536); }

void parse_small_get(benchmark::State& state) {
  WholeMessageParser parser;
  const auto request = test::capture_get("/api/v2/users/123?page=3", std::string(small_fields) + "1\r\n");
  const std::string_view head = request->message.raw_head();
  for (auto _ : state) benchmark::DoNotOptimize(parser.parse(MessageKind::request, head, std::string_view()));
}

void checksum(benchmark::State& state) {
  const std::string block(65536, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(take_checksum(block));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(block.size()));
}

BENCHMARK(write_small);
BENCHMARK(write_small_redacting);
BENCHMARK(write_small_encrypted);
BENCHMARK(write_typical_redacting_a_cookie);
BENCHMARK(write_64_kib);
BENCHMARK(read_small)->Unit(benchmark::kMillisecond);
BENCHMARK(read_typical)->Unit(benchmark::kMillisecond);
BENCHMARK(read_64_kib)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_small_get);
BENCHMARK(checksum);

}  // namespace

BENCHMARK_MAIN();
