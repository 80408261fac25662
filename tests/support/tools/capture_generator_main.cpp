// usage: capture-generator --out FILE|- [--mix MIX] [--count N] [--connections N] [--requests-each N] [--segment BYTES]
//                          [--answer BYTES] [--port N] [--first-id N] [--seed N]
//
// Writes a capture of N exchanges, spread over connections that live side by side and are replaced after some requests.
// A connection's client address and port never come twice. Prints the counts as one JSON object on standard error.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/tools/capture_file.hpp"
#include "tests/support/tools/request_mix.hpp"
#include "tests/support/tools/sockets.hpp"

namespace {

using namespace understudy::tools;

struct Options {
  std::string out = "-";
  std::string mix = "get";
  std::uint64_t count = 1000;
  std::uint64_t connections = 64;
  std::uint64_t requests_each = 100;
  std::uint64_t segment = 1448;
  std::uint64_t answer = 200;
  std::uint64_t port = 80;
  std::uint64_t first_id = 0;
  std::uint64_t seed = 1;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    const std::uint64_t number = std::strtoull(value, nullptr, 10);
    if (name == "--out") {
      options.out = value;
    } else if (name == "--mix") {
      options.mix = value;
    } else if (name == "--count") {
      options.count = number;
    } else if (name == "--connections") {
      options.connections = std::max<std::uint64_t>(number, 1);
    } else if (name == "--requests-each") {
      options.requests_each = std::max<std::uint64_t>(number, 1);
    } else if (name == "--segment") {
      options.segment = std::clamp<std::uint64_t>(number, 1, 65000);
    } else if (name == "--answer") {
      options.answer = number;
    } else if (name == "--port") {
      options.port = number;
    } else if (name == "--first-id") {
      options.first_id = number;
    } else if (name == "--seed") {
      options.seed = number;
    } else {
      die("not understood: " + std::string(name));
    }
  }
  return options;
}

Conversation make_conversation(std::uint64_t serial, const Options& options) {
  Conversation conversation;
  conversation.client_address = 0x0a4d0000U + static_cast<std::uint32_t>(2 + serial / 50'000);
  conversation.client_port = static_cast<std::uint16_t>(10'000 + serial % 50'000);
  conversation.server_address = 0x0a4e0001U;
  conversation.server_port = static_cast<std::uint16_t>(options.port);
  conversation.client_next = static_cast<std::uint32_t>(serial * 2'654'435'761U);
  conversation.server_next = static_cast<std::uint32_t>(serial * 40'503U + 77);
  return conversation;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const RequestMix mix(options.mix, options.seed);
  std::string answer = fmt::format(
      "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", options.answer);
  const std::size_t answer_head = answer.size();
  answer.append(options.answer, 'a');
  struct Lane {
    Conversation conversation;
    std::uint64_t left = 0;
  };
  std::vector<Lane> lanes(options.connections);
  std::uint64_t serial = 0;
  std::uint64_t packets = 0;
  {
    CaptureFile file(options.out, options.segment, 5'000);
    std::string request;
    std::string held;
    for (std::uint64_t i = 0; i < options.count; ++i) {
      Lane& lane = lanes[i % lanes.size()];
      Conversation& conversation = lane.conversation;
      if (lane.left == 0) {
        conversation = make_conversation(serial++, options);
        lane.left = options.requests_each;
        file.open(conversation);
      }
      const std::uint64_t id = options.first_id + i;
      request.clear();
      held.clear();
      mix.append_request(id, "service.example", request, held);
      file.send(conversation, true, request);
      if (!held.empty()) {
        file.send(conversation, false, "HTTP/1.1 100 Continue\r\n\r\n");
        file.send(conversation, true, held);
      }
      const bool head_only = mix.kind_of(id).form == RequestKind::Form::head;
      file.send(conversation, false, std::string_view(answer).substr(0, head_only ? answer_head : answer.size()));
      file.acknowledge(conversation, true);
      if (--lane.left == 0 || i + lanes.size() >= options.count) {
        file.close(conversation);
        lane.left = 0;
      }
    }
    packets = file.packets();
  }
  fmt::print(stderr,
             R"({{"requests":{},"connections":{},"packets":{}}})"
             "\n",
             options.count, serial, packets);
  return 0;
}
