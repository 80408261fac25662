#include "agent/check/payload_kind.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace understudy {
namespace {

using namespace std::string_view_literals;

std::string http2_frame(std::uint8_t type, std::size_t length) {
  std::string frame = {static_cast<char>(length >> 16), static_cast<char>(length >> 8), static_cast<char>(length)};
  frame += static_cast<char>(type);
  frame += "\x04\x00\x00\x00\x01"sv;
  return frame + std::string(length, 'x');
}

TEST(PayloadKind, HttpByItsStartLine) {
  EXPECT_EQ(classify_payload("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), PayloadKind::http_request);
  EXPECT_EQ(classify_payload("DELETE /a?b=c HTTP/1.0\r\n"), PayloadKind::http_request);
  EXPECT_EQ(classify_payload("GET /" + std::string(1400, 'a')), PayloadKind::http_request);  // a long URL, cut
  EXPECT_EQ(classify_payload("HTTP/1.1 200 OK\r\n"), PayloadKind::http_response);
  EXPECT_EQ(classify_payload("HTTP/1.0 404 Not Found\r\n\r\nx"), PayloadKind::http_response);
}

TEST(PayloadKind, Http2ByPrefaceOrWholeFrames) {
  EXPECT_EQ(classify_payload("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"sv), PayloadKind::http2);
  EXPECT_EQ(classify_payload(http2_frame(0, 100)), PayloadKind::http2);
  EXPECT_EQ(classify_payload(http2_frame(1, 30) + http2_frame(0, 500) + http2_frame(8, 4)), PayloadKind::http2);
  EXPECT_EQ(classify_payload(http2_frame(1, 30) + "x"), PayloadKind::other);
  EXPECT_EQ(classify_payload(http2_frame(0x0a, 30)), PayloadKind::other);
}

TEST(PayloadKind, TlsByItsRecordHeader) {
  EXPECT_EQ(classify_payload("\x16\x03\x01\x02\x00\x01"sv), PayloadKind::tls);  // ClientHello
  EXPECT_EQ(classify_payload("\x17\x03\x03\x00\x45xxxxx"sv), PayloadKind::tls);
  EXPECT_EQ(classify_payload("\x17\x03\x03\x00\x00"sv), PayloadKind::other);  // no length
  EXPECT_EQ(classify_payload("\x17\x03\x03\xff\xff"sv), PayloadKind::other);  // more than a record holds
  EXPECT_EQ(classify_payload("\x18\x03\x03\x00\x10"sv), PayloadKind::other);
}

TEST(PayloadKind, TheMiddleOfSomethingIsOther) {
  EXPECT_EQ(classify_payload(""), PayloadKind::other);
  EXPECT_EQ(classify_payload("G"), PayloadKind::other);
  EXPECT_EQ(classify_payload("PRI * HTTP"), PayloadKind::other);
  EXPECT_EQ(classify_payload(R"({"name": "GET / HTTP/1.1"})"), PayloadKind::other);
  EXPECT_EQ(classify_payload("SSH-2.0-OpenSSH_9.2\r\n"), PayloadKind::other);
  EXPECT_EQ(classify_payload("get / HTTP/1.1\r\n\r\n"), PayloadKind::other);
}

TEST(PayloadKind, ChanceHardlyEverLooksLikeAProtocol) {
  std::mt19937 random(5);
  int known = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes(1 + random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    known += classify_payload(bytes) == PayloadKind::other ? 0 : 1;
  }
  EXPECT_LT(known, 20);
}

}  // namespace
}  // namespace understudy
