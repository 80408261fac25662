#include <algorithm>
#include <random>

#include "tests/unit/recording/take_fixture.hpp"
#include "traffic/recording/take_header.hpp"

namespace understudy {
namespace {

using test::get_at;
using test::make_exchange;
using test::read_back;
using test::ReadBack;
using Targets = std::vector<std::string>;

class TakeDamageTest : public testing::Test {
 protected:
  // Three blocks of one exchange each, a snapshot of the ledger between them, and the certificate.
  static std::string recording() {
    TakeEncoder encoder({{{"flush", "1 s"}}, std::nullopt, 1, std::chrono::seconds(1), take_block_target});
    test::StringSink sink;
    TakeCaptureView view;
    TakeLedger ledger;
    ledger.capture.seen = ledger.capture.delivered = ledger.recording.seen = ledger.recording.delivered = 3;
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(encoder.add(view.of(*get_at(i, "/" + std::to_string(i))), sink) && encoder.flush(sink));
      if (i == 1) {
        EXPECT_TRUE(encoder.write_ledger(ledger, sink));
      }
    }
    EXPECT_TRUE(encoder.finish(&ledger, nullptr, sink));
    return sink.text;
  }
  // Where blocks begin, and the end.
  static std::vector<std::size_t> bounds(const std::string& text) {
    std::vector<std::size_t> bounds;
    for (std::size_t at = 0; at < text.size();) {
      bounds.push_back(at);
      const auto header = decode_take_header(std::string_view(text).substr(at));
      EXPECT_TRUE(header);
      at += take_header_size + header->packed;
    }
    bounds.push_back(text.size());
    return bounds;
  }
  [[nodiscard]] ReadBack read(const std::string& content, const TakeReadOptions& options = {}) const {
    test::write_file(path_, content);
    return read_back(path_, options);
  }
  test::TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "x.take").string();
};

TEST_F(TakeDamageTest, TheWholeRecordingIsComplete) {
  for (const ReadBack& back : {read(recording()), test::read_back_piped(recording())}) {
    EXPECT_EQ(back.damage(), "");
    EXPECT_EQ(back.targets(), (Targets{"/0", "/1", "/2"}));
    EXPECT_EQ(back.report.completeness, Completeness::complete);
  }
}

TEST_F(TakeDamageTest, EveryChangedByteIsNoticedAndReadPast) {
  const std::string whole = recording();
  for (const unsigned change : {0x01U, 0xFFU}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string text = whole;
      text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ change);
      const ReadBack back = read(text);
      if (at == 8) {  // the version: nobody can tell what a later one means
        EXPECT_NE(back.error.find("version"), std::string::npos) << back.error;
        continue;
      }
      EXPECT_EQ(back.error, "") << at;
      EXPECT_GT(back.report.damages, 0U) << at;
      EXPECT_EQ(back.report.completeness, Completeness::incomplete) << at;
      EXPECT_GE(back.exchanges.size(), 2U) << at;  // only what lies in the changed block is lost
    }
  }
}

TEST_F(TakeDamageTest, EveryChangedByteIsNoticedInAPipe) {
  const std::string whole = recording();
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string text = whole;
    text[at] = static_cast<char>(text[at] + 1);
    const ReadBack back = test::read_back_piped(text);
    EXPECT_TRUE(!back.error.empty() || back.report.damages > 0) << at;
    if (at >= take_header_size) {
      EXPECT_GE(back.exchanges.size(), 2U) << at;
    }
  }
}

TEST_F(TakeDamageTest, CutAnywhereItGivesAllThatWasWrittenWhole) {
  const std::string whole = recording();
  const std::vector<std::size_t> ends = bounds(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const ReadBack back = read(whole.substr(0, size));
    if (size < take_header_size) {
      EXPECT_NE(back.error.find(size == 0 ? "is empty" : "no .take recording"), std::string::npos) << size;
      continue;
    }
    EXPECT_EQ(back.report.completeness, Completeness::incomplete) << size;
    EXPECT_GT(back.report.damages, 0U) << size;
    if (size < ends[1]) continue;
    // Blocks of exchanges end at ends[2], [3] and [5]; [4] is the ledger's.
    const std::size_t expected =
        (size >= ends[2] ? 1U : 0U) + (size >= ends[3] ? 1U : 0U) + (size >= ends[5] ? 1U : 0U);
    EXPECT_EQ(back.exchanges.size(), expected) << size;
    EXPECT_NE(back.damage().find("ended without its certificate; at most the last 1 s is missing"), std::string::npos);
    EXPECT_EQ(back.report.ledger.has_value(), size >= ends[4]) << size;
  }
}

TEST_F(TakeDamageTest, TheReportNamesFileOffsetAndLength) {
  std::string text = recording();
  const std::vector<std::size_t> at = bounds(text);
  text[at[2] + take_header_size + 3] = static_cast<char>(text[at[2] + take_header_size + 3] ^ 1);
  const ReadBack back = read(text);
  EXPECT_EQ(back.targets(), (Targets{"/0", "/2"}));
  ASSERT_EQ(back.report.damage.size(), 1U);
  EXPECT_EQ(back.report.damage[0].file, path_);
  EXPECT_EQ(back.report.damage[0].offset, at[2]);
  EXPECT_EQ(back.report.damage[0].length, at[3] - at[2]);
  EXPECT_EQ(back.report.damage[0].text, "a block whose checksum is wrong");
}

TEST_F(TakeDamageTest, AMissingBlockIsNoticed) {
  const std::string whole = recording();
  const std::vector<std::size_t> at = bounds(whole);
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    const ReadBack back = read(whole.substr(0, at[i]) + whole.substr(at[i + 1]));
    EXPECT_GT(back.report.damages, 0U) << i;
    EXPECT_EQ(back.report.completeness, Completeness::incomplete) << i;
  }
}

TEST_F(TakeDamageTest, ARunThatAppendsBehindATornBlockIsReadWhole) {
  const std::string whole = recording();
  const std::vector<std::size_t> at = bounds(whole);
  const std::string next = test::segment_of({get_at(10, "/next")});
  for (std::size_t size = at[2]; size < at[3]; ++size) {
    const std::string text = whole.substr(0, size) + next;
    for (const bool piped : {false, true}) {
      if (piped && size % 16 != 0) continue;
      const ReadBack back = piped ? test::read_back_piped(text) : read(text);
      EXPECT_EQ(back.targets(), (Targets{"/0", "/next"})) << size << piped;
      EXPECT_EQ(back.report.completeness, Completeness::incomplete) << size;
    }
  }
}

TEST_F(TakeDamageTest, ForeignBytesInTheMiddleArePassedOver) {
  const std::string whole = recording();
  const std::vector<std::size_t> at = bounds(whole);
  const std::string junk = std::string(200'000, 'j') + std::string(take_marker) + std::string(50, 'k');
  for (const ReadBack& back : {read(whole.substr(0, at[3]) + junk + whole.substr(at[3])),
                               test::read_back_piped(whole.substr(0, at[3]) + junk + whole.substr(at[3]))}) {
    EXPECT_EQ(back.targets(), (Targets{"/0", "/1", "/2"}));
    ASSERT_EQ(back.report.damage.size(), 1U);
    EXPECT_EQ(back.report.damage[0].offset, at[3]);
    EXPECT_EQ(back.report.damage[0].length, junk.size());
  }
}

TEST_F(TakeDamageTest, AMarkerInsideABodyIsNeverTakenForABlock) {
  // A recording inside a recording, between bytes that cannot be compressed; and the outer block is damaged.
  std::mt19937 random(3);
  std::string noise(50'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  const std::string inner = noise + test::segment_of({get_at(0, "/inner")}) + noise;
  const std::string text =
      test::segment_of({make_exchange(test::capture_post("application/octet-stream", inner), ""), get_at(1, "/outer")});
  const std::vector<std::size_t> at = bounds(text);
  EXPECT_NE(decode_take_header(std::string_view(text).substr(at[1]))->mask, 0U);
  EXPECT_EQ(text.find(take_marker, at[1] + 1), at[2]);
  std::string damaged = text;
  damaged[at[1] + 20] = '!';  // the header of the block that holds both
  EXPECT_TRUE(read(damaged).exchanges.empty());
  EXPECT_EQ(read(text).exchanges.size(), 2U);
}

TEST_F(TakeDamageTest, APartOfALargeExchangeThatIsLostLosesThatExchangeOnly) {
  std::string body(1'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>((i * i) >> 3U);
  const std::string text = test::segment_of(
      {get_at(0, "/before"), make_exchange(test::capture_post("text/plain", body), ""), get_at(9, "/after")});
  const std::vector<std::size_t> at = bounds(text);
  ASSERT_GE(at.size(), 8U);
  for (std::size_t i = 2; i + 3 < at.size(); ++i) {
    std::string damaged = text;
    damaged[at[i] + 70] = static_cast<char>(damaged[at[i] + 70] ^ 4);
    EXPECT_EQ(read(damaged).targets(), (Targets{"/before", "/after"})) << i;
    EXPECT_EQ(test::read_back_piped(damaged).targets(), (Targets{"/before", "/after"})) << i;
    const ReadBack without = read(text.substr(0, at[i]) + text.substr(at[i + 1]));
    EXPECT_EQ(without.targets(), (Targets{"/before", "/after"})) << i;
    EXPECT_GT(without.report.damages, 0U);
  }
}

TEST_F(TakeDamageTest, RefusesWhatIsNoRecording) {
  EXPECT_NE(read("").error.find("is empty"), std::string::npos);
  EXPECT_NE(read("{\"session\":\"1\"}\n").error.find("is no .take recording"), std::string::npos);
  EXPECT_NE(read(std::string(3'000'000, 'x')).error.find("is no .take recording"), std::string::npos);
  EXPECT_NE(read_back("/nonexistent.take").error.find("cannot open"), std::string::npos);
  EXPECT_NE(read_back(folder_.path().string()).error.find("folder"), std::string::npos);
  std::string later = recording();
  later[8] = 2;
  EXPECT_NE(read(later).error.find("has version 2 of the .take format, and this program reads version 1"),
            std::string::npos);
  EXPECT_NE(test::read_back_piped(later).error.find("version 2"), std::string::npos);
  EXPECT_NE(test::read_back_piped("").error.find("is empty"), std::string::npos);
}

TEST_F(TakeDamageTest, TimesThatNoClockTellsAreDamage) {
  for (const WallTime time : {WallTime::max(), WallTime::min()}) {
    auto request = test::capture_get("/odd");
    request->first_byte = time;
    request->last_byte = time;
    const std::string text = test::segment_of({get_at(0, "/1"), make_exchange(request, ""), get_at(1, "/2")});
    for (const ReadBack& back : {read(text), test::read_back_piped(text)}) {
      EXPECT_EQ(back.targets(), (Targets{"/1", "/2"}));
      EXPECT_EQ(back.damage(), "a record that is no exchange; ");
    }
  }
}

TEST_F(TakeDamageTest, UnknownRecordsAndBlocksOfTheSameVersionArePassedOver) {
  const std::string whole = recording();
  const std::vector<std::size_t> at = bounds(whole);
  TakeHeader header = *decode_take_header(std::string_view(whole).substr(at[4]));
  ASSERT_EQ(header.number, 4U);
  TakePacker packer(1, nullptr);
  std::string payload("\x03\x00\x00\x00\x63...", 7);  // a record of kind 99 with two bytes, then nothing
  header.kind = static_cast<TakeBlockKind>(77);
  std::string other;
  packer.pack(header, payload, 0, other);
  header.kind = TakeBlockKind::exchanges;
  header.number = 5;
  packer.pack(header, payload, 1, other);
  // In place of the blocks 4 and 5: an unknown block, and a block with an unknown record.
  const ReadBack back = read(whole.substr(0, at[4]) + other);
  EXPECT_EQ(back.targets(), (Targets{"/0", "/1"}));
  EXPECT_EQ(back.damage(), "ended without its certificate; at most the last 1 s is missing; ");
}

}  // namespace
}  // namespace understudy
