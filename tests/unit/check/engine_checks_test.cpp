#include "agent/check/engine_checks.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

EngineKind kind(const std::string& name, Result<std::string> outcome, const std::string& caveat = "") {
  return {name, caveat, [outcome] { return outcome; }, {}};
}

const tl::unexpected<Error> missing = fail(ExitCode::capture_library, "it is not there");

TEST(EngineChecks, AutoUsesTheFirstThatWorks) {
  const auto items = check_engines({kind("one", missing), kind("two", "two 2.0"), kind("three", "three 3.0")}, "auto");
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].name, "engine");
  EXPECT_EQ(items[0].about, "one");
  EXPECT_EQ(items[0].status, CheckStatus::skipped);
  EXPECT_EQ(items[0].found, "it is not there");
  EXPECT_EQ(items[1].status, CheckStatus::ok);
  EXPECT_EQ(items[1].found, "two 2.0");
  EXPECT_EQ(items[2].status, CheckStatus::skipped);
  EXPECT_NE(items[2].found.find("not needed"), std::string::npos);
}

TEST(EngineChecks, ACaveatOfTheOneInUseIsAWarning) {
  const auto items = check_engines({kind("one", "one 1.0", "never tried"), kind("two", "two", "nor this")}, "auto");
  EXPECT_EQ(items[0].status, CheckStatus::warning);
  EXPECT_EQ(items[0].details, std::vector<std::string>{"never tried"});
  EXPECT_EQ(items[1].status, CheckStatus::skipped);
  EXPECT_EQ(items[1].details, std::vector<std::string>{"nor this"});
}

TEST(EngineChecks, WithoutAnyThatWorksAllHaveFailed) {
  const auto items = check_engines({kind("one", missing), kind("two", missing)}, "auto");
  EXPECT_EQ(items[0].status, CheckStatus::failed);
  EXPECT_EQ(items[1].status, CheckStatus::failed);
}

TEST(EngineChecks, TheOneThatIsNamedMustWork) {
  const auto items = check_engines({kind("one", missing), kind("two", "two 2.0")}, "one");
  EXPECT_EQ(items[0].status, CheckStatus::failed);
  EXPECT_EQ(items[1].status, CheckStatus::skipped);
}

TEST(EngineChecks, ThisPlatformHasOneThatIsThere) {
  const auto items = check_engines(engine_kinds(), "auto");
  EXPECT_EQ(items.size(), engine_kinds().size());
}

}  // namespace
}  // namespace understudy
