#include "traffic/rules/query.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace understudy {
namespace {

TEST(SplitTarget, KnowsTheFourForms) {
  TargetParts parts = split_target("/a/b?x=1?y");
  EXPECT_EQ(parts.prefix, "");
  EXPECT_EQ(parts.path, "/a/b");
  EXPECT_EQ(parts.query, "x=1?y");
  EXPECT_TRUE(parts.has_query);

  parts = split_target("http://host:80/a?b");
  EXPECT_EQ(parts.prefix, "http://host:80");
  EXPECT_EQ(parts.path, "/a");
  EXPECT_EQ(parts.query, "b");

  parts = split_target("http://host?b");
  EXPECT_EQ(parts.prefix, "http://host");
  EXPECT_EQ(parts.path, "");
  EXPECT_EQ(parts.query, "b");

  EXPECT_EQ(split_target("*").path, "*");
  EXPECT_EQ(split_target("host:443").path, "host:443");
  EXPECT_EQ(split_target("/r?u=http://other/").prefix, "");
  EXPECT_EQ(split_target("r?u=http://other/").prefix, "");
  EXPECT_EQ(split_target("").path, "");
  EXPECT_FALSE(split_target("/a").has_query);
  EXPECT_TRUE(split_target("/a?").has_query);
}

TEST(ParameterReader, HandsOutPairsAsTheyLie) {
  ParameterReader reader("a=1&&b&=v&c=d=e&");
  std::vector<std::string> seen;
  while (const auto parameter = reader.next()) {
    seen.push_back(std::string(parameter->name) + "|" + std::string(parameter->value) + "|" +
                   std::string(parameter->whole));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a|1|a=1", "b||b", "|v|=v", "c|d=e|c=d=e"}));
}

TEST(DecodesTo, FollowsFormEncoding) {
  EXPECT_TRUE(decodes_to("a%20b+c", "a b c"));
  EXPECT_TRUE(decodes_to("%C3%a9", "\xc3\xa9"));
  EXPECT_TRUE(decodes_to("100%", "100%"));  // malformed encoding stands for itself
  EXPECT_TRUE(decodes_to("%zz%4", "%zz%4"));
  EXPECT_TRUE(decodes_to("", ""));
  EXPECT_FALSE(decodes_to("a", ""));
  EXPECT_FALSE(decodes_to("", "a"));
  EXPECT_FALSE(decodes_to("a%20b", "a b "));
  EXPECT_TRUE(decodes_to("%00", std::string_view("\0", 1)));
}

TEST(DecodeParameter, CopiesOnlyWhatIsEncoded) {
  std::string storage = "old";
  const std::string_view plain = "plain";
  EXPECT_EQ(decode_parameter(plain, storage).data(), plain.data());
  EXPECT_EQ(storage, "old");
  EXPECT_EQ(decode_parameter("a+%41", storage), "a A");
}

TEST(AppendEncoded, UndoesItself) {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  std::string encoded;
  append_encoded(encoded, every);
  EXPECT_TRUE(decodes_to(encoded, every));
  for (const char c : encoded)
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) ||
                std::string_view("-._~%").find(c) != std::string_view::npos);
}

}  // namespace
}  // namespace understudy
