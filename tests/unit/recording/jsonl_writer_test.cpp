#include "traffic/recording/jsonl_writer.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <boost/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {
namespace {

constexpr std::string_view sha256_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// Keeps what it is given, in pieces; refuses from a chosen piece on.
class Pieces final : public ByteSink {
 public:
  [[nodiscard]] bool append(std::string_view bytes) override {
    if (pieces_.size() >= refuse_at_) return false;
    pieces_.emplace_back(bytes);
    return true;
  }
  void refuse_at(std::size_t piece) { refuse_at_ = piece; }
  [[nodiscard]] std::size_t count() const { return pieces_.size(); }
  [[nodiscard]] std::size_t largest() const {
    std::size_t size = 0;
    for (const std::string& piece : pieces_) size = std::max(size, piece.size());
    return size;
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const std::string& piece : pieces_) text += piece;
    return text;
  }

 private:
  std::vector<std::string> pieces_;
  std::size_t refuse_at_ = SIZE_MAX;
};

// An exchange whose views point into this object.
struct Sample {
  Sample() {
    exchange.session = 17;
    exchange.client = {*IpAddress::parse("192.0.2.1"), 40000};
    exchange.server = {*IpAddress::parse("2001:db8::2"), 8080};
    exchange.request.method = "GET";
    exchange.request.target = "/a?b=c";
    exchange.request.time = WallTime(Nanoseconds(1'767'323'045'000'000'006));
  }
  void set_body(RecordedMessage& message, std::vector<std::string_view> pieces) {
    body = std::move(pieces);
    message.body = body;
    message.body_length = 0;
    for (const std::string_view piece : body) message.body_length += piece.size();
  }

  RecordedExchange exchange;
  std::vector<HeaderView> headers;
  std::vector<std::string_view> body;
};

std::string line_of(const RecordedExchange& exchange) {
  Pieces pieces;
  JsonlWriter writer("run");
  EXPECT_TRUE(writer.write(exchange, pieces));
  return pieces.text();
}

// Parses a line with a parser that is not ours, and checks that it is one line.
boost::json::object parsed(const std::string& line) {
  EXPECT_TRUE(line.ends_with("}\n"));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(line, error);
  EXPECT_FALSE(error) << error.message() << ": " << line.substr(0, 400);
  return value.is_object() ? value.as_object() : boost::json::object();
}

std::string latin1_to_utf8(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) text += static_cast<char>(0xC0 | (byte >> 6));
    text += byte < 0x80 ? c : static_cast<char>(0x80 | (byte & 0x3F));
  }
  return text;
}

std::string decode_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  EXPECT_GE(length, 0);
  std::size_t padding = 0;
  while (padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

TEST(JsonlWriter, WritesTheDocumentedForm) {
  Sample sample;
  sample.headers = {{"Host", "production"}, {"X-Tag", "a"}, {"x-tag", ""}};
  sample.exchange.request.headers = sample.headers;
  sample.set_body(sample.exchange.request, {"abc"});
  RecordedMessage response;
  response.status = 204;
  response.reason = "No Content";
  response.version = {1, 0};
  response.time = sample.exchange.request.time + std::chrono::milliseconds(5);
  sample.exchange.response = response;
  EXPECT_EQ(line_of(sample.exchange),
            "{\"session\":\"run-17\",\"client\":\"192.0.2.1:40000\",\"server\":\"[2001:db8::2]:8080\","
            "\"time\":\"2026-01-02T03:04:05.000000006Z\",\"request\":{\"method\":\"GET\",\"target\":\"/a?b=c\","
            "\"version\":\"1.1\",\"headers\":[[\"Host\",\"production\"],[\"X-Tag\",\"a\"],[\"x-tag\",\"\"]],"
            "\"body_length\":3,\"body_sha256\":\"" +
                std::string(sha256_of_abc) +
                "\",\"body_base64\":\"YWJj\"},\"response\":{\"time\":\"2026-01-02T03:04:05.005000006Z\",\"status\":204,"
                "\"reason\":\"No Content\",\"version\":\"1.0\",\"headers\":[],\"body_length\":0,\"body_sha256\":\"" +
                std::string(sha256_of_nothing) + "\",\"body_base64\":\"\"},\"complete\":true}\n");
}

TEST(JsonlWriter, AMissingResponseIsNull) {
  Sample sample;
  const boost::json::object line = parsed(line_of(sample.exchange));
  EXPECT_TRUE(line.at("response").is_null());
  EXPECT_TRUE(line.at("complete").as_bool());
}

TEST(JsonlWriter, ACutResponseIsToldAsIncomplete) {
  Sample sample;
  sample.exchange.response.emplace();
  sample.exchange.complete = false;
  EXPECT_FALSE(parsed(line_of(sample.exchange)).at("complete").as_bool());
}

TEST(JsonlWriter, ABodyThatWasNotKeptIsOnlyCounted) {
  Sample sample;
  sample.exchange.request.body_kept = false;
  sample.exchange.request.body_length = 5'000'000'000;
  const boost::json::object line = parsed(line_of(sample.exchange));
  const boost::json::object& request = line.at("request").as_object();
  EXPECT_EQ(request.at("body_length").as_int64(), 5'000'000'000);
  EXPECT_TRUE(request.at("body_sha256").is_null());
  EXPECT_TRUE(request.at("body_base64").is_null());
}

TEST(JsonlWriter, EveryByteSurvivesAsItsCodePoint) {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  Sample sample;
  sample.headers = {{every, every}};
  sample.exchange.request.method = every;
  sample.exchange.request.target = every;
  sample.exchange.request.headers = sample.headers;
  sample.exchange.response.emplace();
  sample.exchange.response->reason = every;
  const std::string text = line_of(sample.exchange);
  const boost::json::object line = parsed(text);
  const std::string expected = latin1_to_utf8(every);
  const boost::json::object& request = line.at("request").as_object();
  EXPECT_EQ(request.at("method").as_string(), expected);
  EXPECT_EQ(request.at("target").as_string(), expected);
  EXPECT_EQ(request.at("headers").as_array().at(0).as_array().at(0).as_string(), expected);
  EXPECT_EQ(request.at("headers").as_array().at(0).as_array().at(1).as_string(), expected);
  EXPECT_EQ(line.at("response").as_object().at("reason").as_string(), expected);
  // Nothing that any reader of text takes for a line end, but the one at the end: no raw controls, C1 (NEL) included.
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    EXPECT_TRUE(byte >= 0x20 && byte != 0x7f);
    const bool is_c1_control = byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    EXPECT_FALSE(is_c1_control);
  }
}

TEST(JsonlWriter, RandomBytesAreAlwaysValidJson) {
  std::mt19937 generator(7);
  std::uniform_int_distribution<int> byte(0, 255);
  std::uniform_int_distribution<std::size_t> size(0, 300);
  const auto noise = [&] {
    std::string text(size(generator), '\0');
    for (char& c : text) c = static_cast<char>(byte(generator));
    return text;
  };
  JsonlWriter writer("");
  for (int round = 0; round < 300; ++round) {
    const std::array<std::string, 5> texts{noise(), noise(), noise(), noise(), noise()};
    Sample sample;
    sample.headers = {{texts[0], texts[1]}, {texts[2], ""}};
    sample.exchange.request.method = texts[3];
    sample.exchange.request.headers = sample.headers;
    sample.set_body(sample.exchange.request, {texts[4]});
    Pieces pieces;
    ASSERT_TRUE(writer.write(sample.exchange, pieces));
    const boost::json::object line = parsed(pieces.text());
    const boost::json::object& request = line.at("request").as_object();
    EXPECT_EQ(request.at("method").as_string(), latin1_to_utf8(texts[3]));
    EXPECT_EQ(decode_base64(std::string_view(request.at("body_base64").as_string())), texts[4]);
  }
}

TEST(JsonlWriter, BodiesInPiecesAreOneBody) {
  std::string content;
  for (int i = 0; i < 200'000; ++i) content += static_cast<char>(i * 31);
  Sample whole;
  whole.set_body(whole.exchange.request, {content});
  const std::string expected = line_of(whole.exchange);
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{1021}, std::size_t{65'536}}) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < content.size(); at += step)
      pieces.push_back(std::string_view(content).substr(at, step));
    Sample sample;
    sample.set_body(sample.exchange.request, pieces);
    EXPECT_EQ(line_of(sample.exchange), expected) << step;
  }
  const boost::json::object line = parsed(expected);
  const boost::json::object& request = line.at("request").as_object();
  EXPECT_EQ(request.at("body_length").as_int64(), static_cast<std::int64_t>(content.size()));
  EXPECT_EQ(decode_base64(std::string_view(request.at("body_base64").as_string())), content);
}

TEST(JsonlWriter, ALargeBodyNeedsNoLargeBuffer) {
  const std::string content(10 << 20, 'x');
  Sample sample;
  sample.set_body(sample.exchange.request, {content});
  Pieces pieces;
  JsonlWriter writer("");
  ASSERT_TRUE(writer.write(sample.exchange, pieces));
  EXPECT_GT(pieces.count(), 50U);
  EXPECT_LT(pieces.largest(), std::size_t{256} << 10U);
}

TEST(JsonlWriter, ARefusedPieceEndsTheLine) {
  const std::string content(1 << 20, 'x');
  Sample sample;
  sample.set_body(sample.exchange.request, {content});
  JsonlWriter writer("");
  for (const std::size_t refused : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
    Pieces pieces;
    pieces.refuse_at(refused);
    EXPECT_FALSE(writer.write(sample.exchange, pieces));
    EXPECT_EQ(pieces.count(), refused);
  }
  Pieces pieces;  // and the next line is whole again
  EXPECT_TRUE(writer.write(sample.exchange, pieces));
  static_cast<void>(parsed(pieces.text()));
}

TEST(JsonlWriter, TimesOfEveryAge) {
  Sample sample;
  for (const auto& [nanoseconds, text] :
       {std::pair{std::int64_t{0}, "1970-01-01T00:00:00.000000000Z"},
        {std::int64_t{-1}, "1969-12-31T23:59:59.999999999Z"},
        {std::int64_t{951'827'696'123'456'789}, "2000-02-29T12:34:56.123456789Z"},
        {std::int64_t{4'294'967'295'999'999'999}, "2106-02-07T06:28:15.999999999Z"}}) {
    sample.exchange.request.time = WallTime(Nanoseconds(nanoseconds));
    EXPECT_EQ(parsed(line_of(sample.exchange)).at("time").as_string(), text);
  }
}

TEST(JsonlWriter, WithoutAnInstanceSessionsAreTheirNumber) {
  Sample sample;
  Pieces pieces;
  JsonlWriter writer("");
  ASSERT_TRUE(writer.write(sample.exchange, pieces));
  EXPECT_EQ(parsed(pieces.text()).at("session").as_string(), "17");
}

}  // namespace
}  // namespace understudy
