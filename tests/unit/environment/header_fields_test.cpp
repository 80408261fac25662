#include "replay/environment/header_fields.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace understudy {
namespace {

class HeaderFieldsFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("header_fields_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& content) {
    const std::string path = (folder_ / "fields").string();
    std::ofstream(path) << content;
    return path;
  }

  std::filesystem::path folder_;
};

TEST(HeaderFields, TakesAField) {
  HeaderFields fields{{"A", "1"}};
  ASSERT_TRUE(add_header_fields("Authorization:  Bearer a:b ", fields));
  ASSERT_TRUE(add_header_fields("X-Empty:", fields));
  EXPECT_EQ(fields, (HeaderFields{{"A", "1"}, {"Authorization", "Bearer a:b "}, {"X-Empty", ""}}));
}

TEST(HeaderFields, RefusesWhatIsNoneWithoutRepeatingIt) {
  for (const std::string text : {"secret", ":secret", "a b: secret", "A: secret\r\nB: x", "A: secret\x7f"}) {
    HeaderFields fields;
    const auto added = add_header_fields(text, fields);
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().code, ExitCode::usage);
    EXPECT_EQ(added.error().message.find("secret"), std::string::npos);
    EXPECT_TRUE(fields.empty());
  }
}

TEST_F(HeaderFieldsFile, TakesEachLine) {
  HeaderFields fields;
  ASSERT_TRUE(add_header_fields("@" + file("Authorization: Bearer x\r\n\nX-Team: a\n"), fields));
  EXPECT_EQ(fields, (HeaderFields{{"Authorization", "Bearer x"}, {"X-Team", "a"}}));
}

TEST_F(HeaderFieldsFile, NamesTheLineThatIsNoField) {
  HeaderFields fields;
  const std::string path = file("A: 1\nsecret\n");
  const auto added = add_header_fields("@" + path, fields);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, path + ":2: wants 'Name: value', without control characters");
  EXPECT_FALSE(add_header_fields("@" + path + ".none", fields));
  std::string many;
  for (int i = 0; i < 101; ++i) many += "A: 1\n";
  EXPECT_FALSE(add_header_fields("@" + file(many), fields));
}

}  // namespace
}  // namespace understudy
