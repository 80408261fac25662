// A capture file through the whole capture side: file engine, decode, reassembly, pairing. What came out is compared
// with the exact requests and exchanges expected.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "agent/capture/file_engine.hpp"
#include "agent/decode/decoder.hpp"
#include "agent/pairing/exchange_builder.hpp"
#include "agent/reassembly/flow_table.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy {

// "POST /a body" for a request, and " -> 200 body" behind it for an exchange, "-> none" without response. A body over
// 64 bytes is written as its length.
class GoldenChain final : public RequestHandler, private PacketHandler {
 public:
  std::vector<std::string> requests;
  std::vector<std::string> exchanges;
  std::vector<RequestPtr> kept;

  // `keep`: hold on to the requests, for a look at their bodies.
  explicit GoldenChain(bool keep = true)
      : keep_(keep),
        shard_(ledger_.make_shard()),
        builder_(options(), *this, shard_),
        flows_(ReassemblyOptions{}, builder_),
        decoder_(DecodeOptions{}, flows_) {}

  // Writes the packets into a capture file, reads it, and drains.
  void run(const std::vector<CapturedPacket>& packets) {
    const std::string path = testing::TempDir() + "golden-" + std::to_string(::getpid()) + ".pcap";
    write_pcap(path, packets);
    run_file(path);
    (void)std::remove(path.c_str());
  }
  void run(const TcpConversation& conversation) { run(ethernet_packets(conversation)); }
  void run_file(const std::string& path) {
    Result<std::unique_ptr<Engine>> engine = open_capture_file({.path = path, .expression = {}});
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    for (;;) {
      const Result<PollOutcome> outcome = (*engine)->poll(*this, Nanoseconds{0});
      ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
      if (*outcome == PollOutcome::end) break;
    }
    flows_.drain(last_packet_);
  }

  // Nothing was lost, and the ledger adds up.
  void expect_no_loss() const {
    const LedgerTotals totals = shard_.totals();
    EXPECT_EQ(totals.seen, requests.size());
    EXPECT_EQ(totals.lost_total(), 0U);
  }
  [[nodiscard]] std::uint64_t lost(LossReason reason) const {
    return shard_.totals().lost[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] bool adds_up() const { return shard_.totals().seen == requests.size() + shard_.totals().lost_total(); }
  [[nodiscard]] const PairingStatistics& statistics() const { return builder_.statistics(); }

  [[nodiscard]] bool on_request(const RequestPtr& request) override {
    requests.push_back(name(request->message));
    if (keep_) kept.push_back(request);
    return true;
  }
  void on_exchange(OfferedExchange& exchange) override {
    std::string text = name(exchange->request->message) + " -> ";
    if (!exchange->response) {
      text += "none";
    } else {
      text += std::to_string(exchange->response->message.status()) + content(exchange->response->message.body());
      if (!exchange->response->complete) text += " cut";
    }
    exchanges.push_back(std::move(text));
  }

 private:
  static PairingOptions options() {
    PairingOptions options;
    options.needs = {.request_bodies = true, .exchanges = true, .response_bodies = true};
    return options;
  }
  static std::string content(const Body& body) {
    if (body.content_size() == 0) return {};
    if (body.content_size() > 64) return " (" + std::to_string(body.content_size()) + " bytes)";
    return ' ' + body.content();
  }
  static std::string name(const HttpMessage& message) {
    return std::string(message.method()) + ' ' + std::string(message.target()) + content(message.body());
  }
  void on_packet(const PacketView& packet) override {
    last_packet_ = packet.time;
    decoder_.on_packet(packet);
  }

  const bool keep_;
  Ledger ledger_;
  LedgerShard& shard_;
  ExchangeBuilder builder_;
  FlowTable flows_;
  Decoder decoder_;
  WallTime last_packet_{};
};

// The conversation that a case fills; `number` gives each connection a client port of its own.
[[nodiscard]] inline TcpConversation conversation(unsigned number = 0) {
  TcpConversation::Options options{.client = endpoint("10.0.0.1:40000"), .server = endpoint("10.0.0.2:80")};
  options.client.port = static_cast<std::uint16_t>(10000 + number % 50000);
  options.client.address.bytes[2] = static_cast<std::uint8_t>(number / 50000);
  options.start = test_epoch() + std::chrono::milliseconds(number);
  return TcpConversation(options);
}

// Bytes that differ at every place, so that a wrong order or a doubled piece shows.
[[nodiscard]] inline std::string varied_bytes(std::size_t size, std::uint32_t seed = 1) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

}  // namespace understudy
