#include "tests/unit/recording/take_fixture.hpp"
#include "traffic/recording/take_key.hpp"

namespace understudy {
namespace {

using test::get_at;
using test::read_back;
using test::ReadBack;
using Targets = std::vector<std::string>;

class TakeEncryptionTest : public testing::Test {
 protected:
  TakeEncryptionTest() {
    test::write_file(hex_, std::string(64, 'a') + "\n");
    test::write_file(raw_, std::string(32, '\xaa'));
    test::write_file(other_, std::string(64, 'b'));
  }
  void write(const std::string& key_file) const {
    TakeWriteOptions options;
    options.key_file = key_file;
    auto writer = make_take_writer(path_, options);
    ASSERT_TRUE(writer);
    for (int i = 0; i < 20; ++i) {
      const auto request = test::capture_get("/secret-" + std::to_string(i));
      ASSERT_TRUE(
          (*writer)->write(*test::make_exchange(request, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")));
    }
    RecordingReport report;
    report.completeness = Completeness::complete;
    ASSERT_TRUE((*writer)->finish(report));
  }
  [[nodiscard]] ReadBack read(const std::string& key_file) const {
    TakeReadOptions options;
    options.key_file = key_file;
    return read_back(path_, options);
  }

  test::TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "x.take").string();
  const std::string hex_ = (folder_.path() / "hex.key").string();
  const std::string raw_ = (folder_.path() / "raw.key").string();
  const std::string other_ = (folder_.path() / "other.key").string();
};

TEST_F(TakeEncryptionTest, IsReadWithTheKeyInEitherForm) {
  write(hex_);
  for (const std::string& key : {hex_, raw_}) {
    const ReadBack back = read(key);
    EXPECT_EQ(back.error, "");
    EXPECT_EQ(back.exchanges.size(), 20U);
    EXPECT_EQ(back.report.completeness, Completeness::complete);
  }
}

TEST_F(TakeEncryptionTest, NothingOfTheTrafficIsReadableInTheFile) {
  write(hex_);
  EXPECT_EQ(test::content_of(path_).find("secret"), std::string::npos);
  const auto overview = overview_of_take(path_);  // needs no key
  ASSERT_TRUE(overview);
  EXPECT_TRUE(overview->encrypted);
  EXPECT_EQ(overview->exchanges, 20U);
}

TEST_F(TakeEncryptionTest, AWrongOrMissingKeyIsAClearError) {
  write(hex_);
  EXPECT_NE(read(other_).error.find("was encrypted with another key"), std::string::npos);
  EXPECT_NE(read("").error.find("is encrypted: give the file that holds its key"), std::string::npos);
  EXPECT_NE(read("/nonexistent").error.find("cannot read the key file"), std::string::npos);
  test::write_file(other_, "too short");
  EXPECT_NE(read(other_).error.find("must hold 32 bytes, or 64 hexadecimal digits"), std::string::npos);
}

TEST_F(TakeEncryptionTest, AKeyForAPlainRecordingDoesNoHarm) {
  write("");
  EXPECT_EQ(read(hex_).exchanges.size(), 20U);
}

TEST_F(TakeEncryptionTest, EveryChangedByteIsNoticed) {
  write(hex_);
  const std::string whole = test::content_of(path_);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string text = whole;
    text[at] = static_cast<char>(text[at] ^ 0x10);
    test::write_file(path_, text);
    const ReadBack back = read(hex_);
    EXPECT_TRUE(!back.error.empty() || back.report.damages > 0) << at;
  }
}

// Somebody who can make checksums, but has no key.
TEST_F(TakeEncryptionTest, ABlockUnderAnotherHeaderDoesNotOpen) {
  const auto key = TakeKey::load(hex_, ExitCode::usage);
  ASSERT_TRUE(key);
  TakePacker packer(1, &*key);
  TakeUnpacker unpacker(&*key);
  TakeHeader header;
  header.segment = 5;
  header.number = 1;
  std::string block;
  packer.pack(header, "some payload", 9, block);
  header = *decode_take_header(block);
  const std::string_view stored = std::string_view(block).substr(take_header_size);
  EXPECT_EQ(unpacker.unpack(header, stored), TakeUnpacked::good);
  EXPECT_EQ(unpacker.payload(), "some payload");
  header.number = 2;
  EXPECT_EQ(unpacker.unpack(header, stored), TakeUnpacked::not_openable);
}

TEST_F(TakeEncryptionTest, EqualPayloadsAreSealedDifferently) {
  const auto key = TakeKey::load(hex_, ExitCode::usage);
  ASSERT_TRUE(key);
  TakePacker packer(1, &*key);
  std::string one;
  std::string two;
  packer.pack({}, "payload", 0, one);
  packer.pack({}, "payload", 1, two);
  EXPECT_NE(one.substr(take_header_size + 4), two.substr(take_header_size + 4));
}

}  // namespace
}  // namespace understudy
