#include "traffic/base/shell_words.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view text) {
  const auto words = split_shell_words(text);
  EXPECT_TRUE(words.has_value()) << text;
  return words.value_or(Words{"an error"});
}

TEST(ShellWords, BlanksSeparate) {
  EXPECT_EQ(words_of("python3 edit.py\t--all\n"), (Words{"python3", "edit.py", "--all"}));
  EXPECT_EQ(words_of("  one  "), Words{"one"});
  EXPECT_EQ(words_of(" \t "), Words{});
}

TEST(ShellWords, QuotesKeepBlanksAndJoinWords) {
  EXPECT_EQ(words_of("a 'b c' \"d e\"'f'g"), (Words{"a", "b c", "d efg"}));
  EXPECT_EQ(words_of("'' \"\""), (Words{"", ""}));
  EXPECT_EQ(words_of(R"('a\n"b' "it's")"), (Words{R"(a\n"b)", "it's"}));
}

TEST(ShellWords, Backslashes) {
  EXPECT_EQ(words_of(R"(a\ b \'c)"), (Words{"a b", "'c"}));
  EXPECT_EQ(words_of(R"("\"\\\$\x")"), Words{R"("\$\x)"});
  EXPECT_EQ(words_of(R"('\')"), Words{R"(\)"});
}

TEST(ShellWords, NothingElseOfAShell) {
  EXPECT_EQ(words_of("echo $HOME *.py | sort"), (Words{"echo", "$HOME", "*.py", "|", "sort"}));
}

TEST(ShellWords, WhatDoesNotEnd) {
  for (const std::string_view text : {"a 'b", "a \"b", "a \\", "\"\\"}) {
    const auto words = split_shell_words(text);
    ASSERT_FALSE(words.has_value()) << text;
    EXPECT_EQ(words.error().code, ExitCode::usage);
    EXPECT_NE(words.error().message.find(text), std::string::npos) << words.error().message;
  }
}

}  // namespace
}  // namespace understudy
