// What framing and pairing cost: one small exchange, a pipelined batch, large bodies, heads for forwarding.
//
// Read "items_per_second" as exchanges a second and core; the target of the whole pipeline is a million.
#include <benchmark/benchmark.h>

#include <string>

#include "agent/pairing/exchange_builder.hpp"
#include "traffic/http/message_reader.hpp"
#include "traffic/http/message_writer.hpp"

namespace understudy {
namespace {

// About 300 bytes, as a browser or a service client sends.
const std::string small_get =
    "GET /api/v1/items/1234567?fields=name,price&limit=20 HTTP/1.1\r\n"
    "Host: api.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\r\n"
    "Accept: application/json\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Accept-Language: en\r\n"
    "X-Request-Id: 7f3c1a2b-0001-4c5d\r\n"
    "Cookie: session=0123456789abcdef\r\n"
    "Connection: keep-alive\r\n\r\n";

// A head of about 200 bytes and a body of 100.
const std::string small_response =
    "HTTP/1.1 200 OK\r\n"
    "Server: nginx/1.22.1\r\n"
    "Date: Sun, 22 Nov 2026 19:00:00 GMT\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 100\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: no-store\r\n"
    "Vary: Accept-Encoding\r\n\r\n" +
    std::string(100, 'x');

class CountingHandler final : public RequestHandler {
 public:
  [[nodiscard]] bool on_request(const RequestPtr& request) override {
    benchmark::DoNotOptimize(request.get());
    ++requests;
    return true;
  }
  void on_exchange(OfferedExchange& exchange) override {
    benchmark::DoNotOptimize(&*exchange);
    ++exchanges;
  }
  std::uint64_t requests = 0;
  std::uint64_t exchanges = 0;
};

// One flow through an ExchangeBuilder.
class Flow {
 public:
  explicit Flow(SinkNeeds needs) : builder_(options(needs), handler, ledger_.make_shard()) {
    FlowInfo info;
    info.saw_start = true;
    state_ = builder_.on_flow_begin(info);
  }
  ~Flow() { builder_.on_flow_end(state_.get(), FlowEnd::drained, WallTime{}); }
  void request(std::string_view bytes) { tell(Direction::to_server, bytes); }
  void response(std::string_view bytes) { tell(Direction::to_client, bytes); }

  CountingHandler handler;

 private:
  static PairingOptions options(SinkNeeds needs) {
    PairingOptions options;
    options.needs = needs;
    return options;
  }
  void tell(Direction direction, std::string_view bytes) {
    builder_.on_data(state_.get(), direction, 0, as_bytes(bytes), WallTime{});
  }

  Ledger ledger_;
  ExchangeBuilder builder_;
  std::unique_ptr<FlowState> state_;
};

void check_count(benchmark::State& state, std::uint64_t got, std::uint64_t wanted) {
  if (got != wanted) state.SkipWithError("messages were lost");
}

// Arg 0: only requests are wanted (a shadow); 1: exchanges with bodies too (a recording).
void small_exchange(benchmark::State& state) {
  const bool record = state.range(0) != 0;
  Flow flow({.request_bodies = true, .exchanges = record, .response_bodies = record});
  for (auto _ : state) {
    flow.request(small_get);
    flow.response(small_response);
  }
  const auto count = static_cast<std::uint64_t>(state.iterations());
  check_count(state, flow.handler.requests, count);
  check_count(state, flow.handler.exchanges, record ? count : 0);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(small_exchange)->Arg(0)->Arg(1);

// As above, each message in two segments.
void small_exchange_split(benchmark::State& state) {
  Flow flow({.request_bodies = true});
  const std::string_view get = small_get;
  const std::string_view ok = small_response;
  for (auto _ : state) {
    flow.request(get.substr(0, 150));
    flow.request(get.substr(150));
    flow.response(ok.substr(0, 150));
    flow.response(ok.substr(150));
  }
  check_count(state, flow.handler.requests, static_cast<std::uint64_t>(state.iterations()));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(small_exchange_split);

// 16 requests in one segment, 16 responses in another.
void pipelined(benchmark::State& state) {
  Flow flow({.request_bodies = true});
  std::string requests;
  std::string responses;
  for (int i = 0; i < 16; ++i) {
    requests += small_get;
    responses += small_response;
  }
  for (auto _ : state) {
    flow.request(requests);
    flow.response(responses);
  }
  check_count(state, flow.handler.requests, static_cast<std::uint64_t>(state.iterations()) * 16);
  state.SetItemsProcessed(state.iterations() * 16);
}
BENCHMARK(pipelined);

// A POST whose body comes in segments of 1460 bytes (or 64 KiB, as offloads merge them).
void upload(benchmark::State& state) {
  const auto body_size = static_cast<std::size_t>(state.range(0));
  const auto segment = static_cast<std::size_t>(state.range(1));
  Flow flow({.request_bodies = true});
  const std::string post = "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body_size) +
                           "\r\n\r\n" + std::string(body_size, 'b');
  const std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  for (auto _ : state) {
    for (std::size_t at = 0; at < post.size(); at += segment) flow.request(std::string_view(post).substr(at, segment));
    flow.response(answer);
  }
  check_count(state, flow.handler.requests, static_cast<std::uint64_t>(state.iterations()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(post.size()));
}
BENCHMARK(upload)->Args({65536, 1460})->Args({65536, 65536})->Args({16 << 20, 1460})->Args({16 << 20, 65536});

// A chunked upload of 4 KiB chunks.
void chunked_upload(benchmark::State& state) {
  Flow flow({.request_bodies = true});
  std::string post = "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 256; ++i) post += "1000\r\n" + std::string(4096, 'b') + "\r\n";
  post += "0\r\n\r\n";
  const std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  for (auto _ : state) {
    for (std::size_t at = 0; at < post.size(); at += 1460) flow.request(std::string_view(post).substr(at, 1460));
    flow.response(answer);
  }
  check_count(state, flow.handler.requests, static_cast<std::uint64_t>(state.iterations()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(post.size()));
}
BENCHMARK(chunked_upload);

// Responses that are only framed.
void download(benchmark::State& state) {
  Flow flow({.request_bodies = true});
  constexpr std::size_t body_size = 1 << 20;
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body_size) + "\r\n\r\n" + std::string(body_size, 'b');
  for (auto _ : state) {
    flow.request(small_get);
    for (std::size_t at = 0; at < answer.size(); at += 1460) flow.response(std::string_view(answer).substr(at, 1460));
  }
  check_count(state, flow.handler.requests, static_cast<std::uint64_t>(state.iterations()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(answer.size()));
}
BENCHMARK(download);

void parse_head(benchmark::State& state) {
  HeadParser parser;
  for (auto _ : state) {
    const HeadParser::Outcome outcome = parser.parse(MessageKind::request, small_get);
    benchmark::DoNotOptimize(outcome);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(small_get.size()));
}
BENCHMARK(parse_head);

void write_head(benchmark::State& state) {
  HeadParser parser;
  if (parser.parse(MessageKind::request, small_get).status != HeadParser::Status::complete)
    return state.SkipWithError("no head");
  HttpMessage message;
  parser.copy_to(message);
  const ForwardingRules rules{.host = "shadow.example.com", .base_path = "/base"};
  std::string out;
  for (auto _ : state) {
    out.clear();
    write_request_head(message, rules, "X-Understudy: 1\r\n", out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(write_head);

}  // namespace
}  // namespace understudy

BENCHMARK_MAIN();
