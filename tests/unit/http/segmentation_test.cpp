// The same bytes in any pieces give the same events.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/http/reader_harness.hpp"

namespace understudy {
namespace {

struct Sample {
  MessageKind kind;
  std::string bytes;
};

std::vector<Sample> samples() {
  constexpr MessageKind request = MessageKind::request;
  constexpr MessageKind response = MessageKind::response;
  std::vector<Sample> all = {
      {request, "GET / HTTP/1.1\r\n\r\n"},
      {request, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /b HTTP/1.1\nHost:y\n\n"},
      {request,
       "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcdPOST / HTTP/1.1\r\nContent-Length:0\r\n\r\nX / "
       "HTTP/1.0\r\n\r\n"},
      {request,
       "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;a=\"b\"\r\n0\r\n\r\r\nA  \r\n0123456789\r\n000\r\nT: "
       "x\r\nU:\r\n\r\n"
       "HEAD / HTTP/1.1\r\n\r\n"},
      {request, "PUT / HTTP/1.1\nTransfer-Encoding: chunked\n\n2\nab\n0\n\nHEAD / HTTP/1.1\n\n"},
      {request, "GET / HTTP/1.1\r\nA: b\r\n \t c\r\n\r\nGET /n HTTP/1.1\r\n\r\n"},
      {request, "GET /  HTTP/1.1 \r\nA[]: b\r\n\r\n"},
      {request, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\4"},
      {request, "\x16\x03\x01\x02\x05\x01"},
      {request, "SSH-2.0-x\r\nabcdefg"},
      {request, "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc"},
      {request, "GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\nabcGET / HTTP/1.1\r\n\r\n"},
      {request, "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"},
      {request, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh"},
      {request, "GET / HTTP/1.1\r\nA: \rb\r\n\r\n"},
      {response,
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 304 N\r\n\r\n"
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 200\r\n\r\nto the end"},
      {response, "HTTP/1.0 200 OK\r\nA :b\r\n\r\n\r\n\r\n"},
      {response, "\x15\x03\x03"},
  };
  return all;
}

std::string run(const Sample& sample, const std::vector<std::size_t>& cuts, std::size_t* in_place = nullptr) {
  FramingLimits limits;
  limits.body_max = 1000;
  ReaderHarness harness(sample.kind, {}, limits);
  if (in_place != nullptr) harness.handler.parser = &harness.parser;
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    harness.feed(std::string_view(sample.bytes).substr(begin, cut - begin));
    begin = cut;
  }
  harness.feed(std::string_view(sample.bytes).substr(begin));
  harness.finish();
  EXPECT_EQ(harness.budget.used(), 0U);
  if (in_place != nullptr) *in_place += harness.handler.in_place.size();
  std::string text;
  for (const std::string& event : harness.handler.events) text += event + "\n";
  for (const HttpMessage& message : harness.handler.messages) {
    text += message.raw_head();
    for (const std::string_view slice : message.body().wire_slices()) text += slice;
  }
  return text;
}

TEST(Segmentation, ByteByByte) {
  for (const Sample& sample : samples()) {
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < sample.bytes.size(); ++i) cuts.push_back(i);
    EXPECT_EQ(run(sample, cuts), run(sample, {})) << sample.bytes;
  }
}

TEST(Segmentation, MessagesInPlaceAreTheSame) {
  std::size_t in_place = 0;
  for (const Sample& sample : samples()) {
    const std::string expected = run(sample, {});
    EXPECT_EQ(run(sample, {}, &in_place), expected) << sample.bytes;
    std::size_t in_cut = 0;
    for (std::size_t i = 1; i < sample.bytes.size(); ++i) {
      EXPECT_EQ(run(sample, {i}, &in_cut), expected) << sample.bytes;
    }
  }
  EXPECT_EQ(in_place, 13U);  // neither chunked, cut off, folded nor too large
}

TEST(Segmentation, EveryCutInTwo) {
  for (const Sample& sample : samples()) {
    const std::string whole = run(sample, {});
    for (std::size_t i = 1; i < sample.bytes.size(); ++i) EXPECT_EQ(run(sample, {i}), whole) << i << sample.bytes;
  }
}

TEST(Segmentation, EveryCutInThree) {
  for (const Sample& sample : samples()) {
    const std::string whole = run(sample, {});
    for (std::size_t i = 1; i < sample.bytes.size(); ++i)
      for (std::size_t j = i + 1; j < std::min(sample.bytes.size(), i + 12); ++j)
        EXPECT_EQ(run(sample, {i, j}), whole) << i << ' ' << j << sample.bytes;
  }
}

TEST(Segmentation, EveryCutOfSeveralMessagesInARow) {
  std::string requests;
  for (const std::size_t i : {1U, 2U, 3U, 5U, 4U}) requests += samples()[i].bytes;
  const Sample sample{MessageKind::request, requests};
  const std::string whole = run(sample, {});
  std::mt19937 random(20241122);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::size_t> cuts;
    std::size_t at = 0;
    while ((at += 1 + random() % 40) < requests.size()) cuts.push_back(at);
    ASSERT_EQ(run(sample, cuts), whole);
  }
}

}  // namespace
}  // namespace understudy
