// Every policy, on and off, with the messages that it decides.
#include "traffic/http/framing_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/http/reader_harness.hpp"

namespace understudy {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

struct PolicyCase {
  const char* name;
  bool FramingPolicy::*policy;
  MessageKind kind;
  std::string bytes;
  std::string accepted;  // the first event with the policy on
  Malformation refused;  // the reason with it off
  bool is_default;       // the documented default
};

void PrintTo(const PolicyCase& policy_case, std::ostream* out) { *out << policy_case.name; }

const std::vector<PolicyCase>& policy_cases() {
  constexpr MessageKind request = MessageKind::request;
  constexpr MessageKind response = MessageKind::response;
  static const std::vector<PolicyCase> cases = {
      {"bare_lf_in_start_line", &FramingPolicy::accept_bare_lf, request, "GET / HTTP/1.1\nA: b\r\n\r\n",
       "request GET / 1.1 [A=b] none 0/0 \"\"", Malformation::bare_lf, true},
      {"bare_lf_in_field", &FramingPolicy::accept_bare_lf, request, "GET / HTTP/1.1\r\nA: b\n\r\n",
       "request GET / 1.1 [A=b] none 0/0 \"\"", Malformation::bare_lf, true},
      {"bare_lf_at_end", &FramingPolicy::accept_bare_lf, request, "GET / HTTP/1.1\r\nA: b\r\n\n",
       "request GET / 1.1 [A=b] none 0/0 \"\"", Malformation::bare_lf, true},
      {"bare_cr", &FramingPolicy::accept_bare_cr, request, "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
       "request GET / 1.1 [A=b\rc] none 0/0 \"\"", Malformation::bare_cr, false},
      {"leading_empty_lines", &FramingPolicy::accept_leading_empty_lines, request, "\r\n\nGET / HTTP/1.1\r\n\r\n",
       "request GET / 1.1 none 0/0 \"\"", Malformation::leading_empty_lines, true},
      {"extra_space_before_target", &FramingPolicy::accept_extra_space_in_request_line, request,
       "GET   / HTTP/1.1\r\n\r\n", "request GET / 1.1 none 0/0 \"\"", Malformation::start_line, true},
      {"tab_before_version", &FramingPolicy::accept_extra_space_in_request_line, request, "GET /\tHTTP/1.1\r\n\r\n",
       "request GET / 1.1 none 0/0 \"\"", Malformation::start_line, true},
      {"space_behind_version", &FramingPolicy::accept_extra_space_in_request_line, request, "GET / HTTP/1.1 \r\n\r\n",
       "request GET / 1.1 none 0/0 \"\"", Malformation::start_line, true},
      {"space_in_target", &FramingPolicy::accept_space_in_target, request, "GET /a b HTTP/1.1\r\n\r\n",
       "request GET /a b 1.1 none 0/0 \"\"", Malformation::target_bytes, false},
      {"high_bytes_in_target", &FramingPolicy::accept_high_bytes_in_target, request, "GET /\xc3\xa4 HTTP/1.1\r\n\r\n",
       "request GET /\xc3\xa4 1.1 none 0/0 \"\"", Malformation::target_bytes, true},
      {"minor_version", &FramingPolicy::accept_other_minor_version, request, "GET / HTTP/1.2\r\n\r\n",
       "request GET / 1.2 none 0/0 \"\"", Malformation::version, true},
      {"major_version", &FramingPolicy::accept_other_major_version, request, "GET / HTTP/3.0\r\n\r\n",
       "request GET / 3.0 none 0/0 \"\"", Malformation::version, false},
      {"obs_fold", &FramingPolicy::accept_obs_fold, request, "GET / HTTP/1.1\r\nA: b \r\n \t c\r\nD: e\r\n\r\n",
       "request GET / 1.1 [A=b    \t c] [D=e] none 0/0 \"\"", Malformation::obs_fold, true},
      {"space_before_colon", &FramingPolicy::accept_space_before_colon, request,
       "GET / HTTP/1.1\r\nContent-Length : 1\r\n\r\nx", "request GET / 1.1 [Content-Length=1] length 1/1 \"x\"",
       Malformation::space_before_colon, false},
      {"space_before_colon_in_response", &FramingPolicy::accept_space_before_colon_in_response, response,
       "HTTP/1.1 200 OK\r\nContent-Length\t: 1\r\n\r\nx", "response 200 OK 1.1 [Content-Length=1] length 1/1 \"x\"",
       Malformation::space_before_colon, true},
      {"non_token_field_name", &FramingPolicy::accept_non_token_field_name, request,
       "GET / HTTP/1.1\r\nA[0]\xe4: b\r\n\r\n", "request GET / 1.1 [A[0]\xe4=b] none 0/0 \"\"",
       Malformation::field_name, true},
      {"line_without_colon", &FramingPolicy::accept_line_without_colon, request, "GET / HTTP/1.1\r\nabc \r\n\r\n",
       "request GET / 1.1 [abc=] none 0/0 \"\"", Malformation::no_colon, false},
      {"nul_in_value", &FramingPolicy::accept_nul_in_value, request, "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"s,
       "request GET / 1.1 [A=b\0c] none 0/0 \"\""s, Malformation::nul_in_value, false},
      {"length_with_coding", &FramingPolicy::accept_content_length_with_transfer_encoding, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] [Content-Length=1] chunked 5/0 \"\"",
       Malformation::content_length_with_transfer_encoding, false},
      {"length_with_coding_in_response", &FramingPolicy::accept_content_length_with_transfer_encoding_in_response,
       response, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "response 200 OK 1.1 [Content-Length=1] [Transfer-Encoding=chunked] chunked 5/0 \"\"",
       Malformation::content_length_with_transfer_encoding, true},
      {"repeated_length", &FramingPolicy::accept_repeated_equal_content_length, request,
       "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
       "request GET / 1.1 [Content-Length=1] [Content-Length=1] length 1/1 \"x\"",
       Malformation::conflicting_content_length, true},
      {"length_list", &FramingPolicy::accept_repeated_equal_content_length, request,
       "GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nx", "request GET / 1.1 [Content-Length=1, 1] length 1/1 \"x\"",
       Malformation::conflicting_content_length, true},
      {"coding_in_http10", &FramingPolicy::accept_transfer_encoding_in_http10, request,
       "GET / HTTP/1.0\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
       "request GET / 1.0 [Transfer-Encoding=Chunked] chunked 5/0 \"\"", Malformation::transfer_encoding, true},
      {"other_codings", &FramingPolicy::accept_other_transfer_codings, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=gzip, chunked] chunked 5/0 \"\"", Malformation::transfer_encoding, true},
      {"identity", &FramingPolicy::accept_identity_transfer_coding, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx",
       "request GET / 1.1 [Transfer-Encoding=identity] [Content-Length=1] length 1/1 \"x\"",
       Malformation::transfer_encoding, true},
      {"bare_lf_behind_size", &FramingPolicy::accept_bare_lf_in_chunks, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] chunked 10/1 \"x\"", Malformation::chunk_size, true},
      {"bare_lf_behind_extension", &FramingPolicy::accept_bare_lf_in_chunks, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx\r\n0\r\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] chunked 12/1 \"x\"", Malformation::chunk_size, true},
      {"bare_lf_behind_data", &FramingPolicy::accept_bare_lf_in_chunks, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] chunked 10/1 \"x\"", Malformation::chunk_end, true},
      {"bare_lf_in_trailer", &FramingPolicy::accept_bare_lf_in_chunks, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: 1\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] chunked 10/0 \"\"", Malformation::trailer, true},
      {"bare_lf_at_chunks_end", &FramingPolicy::accept_bare_lf_in_chunks, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] chunked 4/0 \"\"", Malformation::trailer, true},
      {"space_after_size", &FramingPolicy::accept_space_after_chunk_size, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 \t\r\nx\r\n0\r\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] chunked 13/1 \"x\"", Malformation::chunk_size, true},
      {"leading_zeros", &FramingPolicy::accept_chunk_size_leading_zeros, request,
       "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0001\r\nx\r\n0\r\n\r\n",
       "request GET / 1.1 [Transfer-Encoding=chunked] chunked 14/1 \"x\"", Malformation::chunk_size, true},
  };
  return cases;
}

class Policy : public testing::TestWithParam<PolicyCase> {};

TEST_P(Policy, OnAccepts) {
  FramingPolicy policy;
  policy.*GetParam().policy = true;
  ReaderHarness harness(GetParam().kind, policy);
  harness.feed(GetParam().bytes);
  EXPECT_THAT(harness.handler.events, ElementsAre(GetParam().accepted));
  EXPECT_TRUE(harness.reader.at_boundary());
}

TEST_P(Policy, OffRefusesByName) {
  FramingPolicy policy;
  policy.*GetParam().policy = false;
  ReaderHarness harness(GetParam().kind, policy);
  // A good message first, so that what is refused counts as a message.
  harness.feed(GetParam().kind == MessageKind::request ? "GET / HTTP/1.1\r\n\r\n" : "HTTP/1.1 204 OK\r\n\r\n");
  harness.handler.events.clear();
  harness.feed(GetParam().bytes);
  ASSERT_EQ(harness.handler.events.size(), 1U);
  EXPECT_TRUE(
      harness.handler.events[0].starts_with("lost malformed " + std::string(to_string(GetParam().refused)) + " "))
      << harness.handler.events[0];
  harness.feed(GetParam().kind == MessageKind::request ? "GET /n HTTP/1.1\r\n\r\n" : "HTTP/1.1 204 OK\r\n\r\n");
  EXPECT_EQ(harness.handler.events.size(), 2U) << "reading starts again";
}

TEST_P(Policy, Default) { EXPECT_EQ(FramingPolicy{}.*GetParam().policy, GetParam().is_default); }

INSTANTIATE_TEST_SUITE_P(All, Policy, testing::ValuesIn(policy_cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

std::string refusal(MessageKind kind, std::string_view bytes, const FramingLimits& limits = {}) {
  ReaderHarness harness(kind, {}, limits);
  harness.feed(kind == MessageKind::request ? "GET / HTTP/1.1\r\n\r\n" : "HTTP/1.1 204 OK\r\n\r\n");
  harness.handler.events.clear();
  harness.feed(bytes);
  return harness.handler.events.size() == 1 ? harness.handler.events[0] : std::to_string(harness.handler.events.size());
}

std::string refused_request(std::string_view bytes) { return refusal(MessageKind::request, bytes); }

// What no policy allows.
TEST(FramingPolicyFixed, RequestLines) {
  for (const char* bytes : {"GET\r\n\r\n", " GET / HTTP/1.1\r\n\r\n", "G(T / HTTP/1.1\r\n\r\n",
                            "GET / XTTP/1.1\r\n\r\n", "GET HTTP/1.1\r\n\r\n", "GET  HTTP/1.1\r\n\r\n"})
    EXPECT_EQ(refused_request(bytes), "lost malformed start_line framing") << bytes;
  EXPECT_EQ(refused_request("GET /old\r\n"), "lost malformed http09 framing");
  EXPECT_EQ(refused_request("GET / HTTP/1.10\r\n"), "lost malformed version framing");
  EXPECT_EQ(refused_request("GET / HTTP/x.1\r\n"), "lost malformed version framing");
  EXPECT_EQ(refused_request("GET /\x7f HTTP/1.1\r\n"), "lost malformed target_bytes framing");
  EXPECT_EQ(refused_request("GET /\x01 HTTP/1.1\r\n"), "lost malformed target_bytes framing");
  EXPECT_EQ(refused_request(std::string(129, 'M') + " / HTTP/1.1\r\n"), "lost malformed start_line framing");
}

TEST(FramingPolicyFixed, FieldLines) {
  EXPECT_EQ(refused_request("GET / HTTP/1.1\r\n: b\r\n\r\n"), "lost malformed field_name framing");
  EXPECT_EQ(refused_request("GET / HTTP/1.1\r\nA b: c\r\n\r\n"), "lost malformed field_name framing");
  EXPECT_EQ(refused_request("GET / HTTP/1.1\r\nA\x01: c\r\n\r\n"), "lost malformed field_name framing");
  EXPECT_EQ(refused_request("GET / HTTP/1.1\r\n folded: c\r\n\r\n"), "lost malformed obs_fold framing");
  EXPECT_EQ(refused_request("GET / HTTP/1.1\r\nContent-Length:\r\n 5\r\n\r\n"),
            "lost malformed content_length framing");
  EXPECT_EQ(refused_request("GET / HTTP/1.1\r\nContent-Length: 1\r\n 5\r\n\r\n"), "lost malformed obs_fold framing");
  EXPECT_EQ(refused_request("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n ,x\r\n\r\n"),
            "lost malformed obs_fold framing");
}

TEST(FramingPolicyFixed, ControlBytesInValuesStay) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("GET / HTTP/1.1\r\nA: b\x01\x7f\xff\r\n\r\n");
  EXPECT_THAT(harness.handler.events, ElementsAre("request GET / 1.1 [A=b\x01\x7f\xff] none 0/0 \"\""));
}

TEST(FramingPolicyFixed, ContentLengths) {
  for (const char* value : {"-1", "+1", "0x10", "1 2", "", "1,", ",1", "1.0", "abc"})
    EXPECT_EQ(refused_request("POST / HTTP/1.1\r\nContent-Length: " + std::string(value) + "\r\n\r\n"),
              "lost malformed content_length framing")
        << value;
  EXPECT_EQ(refused_request("POST / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n"),
            "lost malformed conflicting_content_length framing");
  EXPECT_EQ(refused_request("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            "lost malformed conflicting_content_length framing");
}

TEST(FramingPolicyFixed, TransferEncodings) {
  for (const char* value : {"gzip", "chunked, gzip", "chunked, chunked", "xchunked", "chunked;a=b",
                            "\x0b"
                            "chunked"})
    EXPECT_EQ(refused_request("POST / HTTP/1.1\r\nTransfer-Encoding: " + std::string(value) + "\r\n\r\n"),
              "lost malformed transfer_encoding framing")
        << value;
}

TEST(FramingPolicyFixed, Chunks) {
  const auto chunked = [](std::string_view body) {
    return refused_request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body));
  };
  for (const char* body :
       {"x\r\n", ";a\r\n", "-1\r\n", "0x1\r\n", "1\rx\r\n", "1 2\r\n", "10000000000000000\r\n", "\r\n"})
    EXPECT_EQ(chunked(body), "lost malformed chunk_size head framing") << body;
  EXPECT_EQ(chunked("1\r\nxy\r\n"), "lost malformed chunk_end head framing");
  EXPECT_EQ(chunked("1\r\nx\ry"), "lost malformed chunk_end head framing");
  EXPECT_EQ(chunked("0\r\n\rx"), "lost malformed trailer head framing");
}

TEST(FramingPolicyFixed, Limits) {
  FramingLimits limits;
  limits.fields_max = 2;
  limits.chunk_line_max = 8;
  limits.trailer_max = 8;
  limits.leading_empty_bytes_max = 4;
  const auto with_limits = [&](const std::string& bytes) { return refusal(MessageKind::request, bytes, limits); };
  const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(with_limits("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), "lost malformed too_many_fields framing");
  EXPECT_EQ(with_limits(chunked + "1;abcdefghij\r\n"), "lost malformed chunk_size head framing");
  EXPECT_EQ(with_limits(chunked + "000000001\r\n"), "lost malformed chunk_size head framing");
  EXPECT_EQ(with_limits(chunked + "0\r\nA: 1\r\nB: 2\r\n"), "lost malformed trailer head framing");
  EXPECT_EQ(with_limits("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"), "lost malformed leading_empty_lines framing");
}

TEST(FramingPolicyFixed, StatusLines) {
  for (const char* bytes : {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1  \r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
                            "HTTP/1.1200 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "ICY 200 OK\r\n\r\n"})
    EXPECT_EQ(refusal(MessageKind::response, bytes), "lost malformed start_line framing") << bytes;
  EXPECT_EQ(refusal(MessageKind::response, "HTTP/2 200\r\n\r\n"), "lost malformed version framing");
}

TEST(FramingPolicyFixed, NamesAreDistinct) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < malformation_count; ++i) names.insert(to_string(static_cast<Malformation>(i)));
  EXPECT_EQ(names.size(), malformation_count);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace understudy
