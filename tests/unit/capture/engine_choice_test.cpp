#include "agent/capture/engine_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/capture/interfaces.hpp"

namespace understudy {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class NamedEngine final : public Engine {
 public:
  explicit NamedEngine(std::string name) : name_(std::move(name)) {}
  Result<PollOutcome> poll(PacketHandler&, Nanoseconds) override { return PollOutcome::end; }
  void stop() override {}
  EngineStatistics statistics() const override { return {}; }
  std::string description() const override { return name_; }

 private:
  const std::string name_;
};

EngineKind working(const std::string& name, const std::string& caveat = "") {
  return {
      name, caveat, [name]() -> Result<std::string> { return name; },
      [name](const LiveOptions&) -> Result<std::unique_ptr<Engine>> { return std::make_unique<NamedEngine>(name); }};
}

EngineKind failing(const std::string& name, ExitCode code, const std::string& reason) {
  return {name, "", [=]() -> Result<std::string> { return fail(code, reason); },
          [=](const LiveOptions&) -> Result<std::unique_ptr<Engine>> { return fail(code, reason); }};
}

TEST(EngineChoice, AutoTakesTheFirstThatOpens) {
  const auto chosen = open_engine({working("one"), working("two")}, "auto", {});
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->engine->description(), "one");
  EXPECT_EQ(chosen->choice.asked, "auto");
  EXPECT_EQ(chosen->choice.chosen, "one");
  EXPECT_TRUE(chosen->choice.refused.empty());
  EXPECT_EQ(to_string(chosen->choice), "auto chose one");
}

TEST(EngineChoice, AutoKeepsWhyItPassedOver) {
  const auto chosen =
      open_engine({failing("one", ExitCode::capture_library, "is not there"),
                   failing("two", ExitCode::engine_missing, "is too old"), working("three", "never tried")},
                  "auto", {});
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->choice.chosen, "three");
  EXPECT_EQ(chosen->choice.caveat, "never tried");
  EXPECT_EQ(to_string(chosen->choice), "auto chose three; refused one: is not there; two: is too old");
}

TEST(EngineChoice, AutoThatFailsTellsEveryReason) {
  const auto chosen = open_engine(
      {failing("one", ExitCode::capture_library, "is not there"), failing("two", ExitCode::engine_missing, "is old")},
      "auto", {});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ExitCode::engine_missing);
  EXPECT_THAT(chosen.error().message, AllOf(HasSubstr("one: is not there"), HasSubstr("two: is old")));
}

TEST(EngineChoice, AutoFailsWithThePermissionThatWouldHelp) {
  const auto chosen = open_engine(
      {failing("one", ExitCode::capture_library, "is not there"), failing("two", ExitCode::permission, "not you")},
      "auto", {});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ExitCode::permission);
}

TEST(EngineChoice, AutoFailsWithTheCodeThatAllShare) {
  const auto chosen = open_engine(
      {failing("one", ExitCode::no_interface, "no eth9"), failing("two", ExitCode::no_interface, "no eth9 either")},
      "auto", {});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ExitCode::no_interface);
}

TEST(EngineChoice, TheOnlyEngineFailsInItsOwnWords) {
  const auto chosen = open_engine({failing("one", ExitCode::permission, "not you")}, "auto", {});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ExitCode::permission);
  EXPECT_EQ(chosen.error().message, "not you");
}

TEST(EngineChoice, ABadFilterEndsTheSearch) {
  const auto chosen =
      open_engine({failing("one", ExitCode::bad_filter, "does not compile"), working("two")}, "auto", {});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ExitCode::bad_filter);
  EXPECT_EQ(chosen.error().message, "does not compile");
}

TEST(EngineChoice, ANamedEngineIsTheOnlyOneTried) {
  const auto named = open_engine({working("one"), working("two")}, "two", {});
  ASSERT_TRUE(named);
  EXPECT_EQ(to_string(named->choice), "two");
  const auto broken = open_engine({failing("one", ExitCode::capture_library, "is broken"), working("two")}, "one", {});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ExitCode::capture_library);
  EXPECT_EQ(broken.error().message, "is broken");
}

TEST(EngineChoice, AnUnknownNameIsAUsageErrorWithTheNames) {
  const auto unknown = open_engine({working("one"), working("two")}, "three", {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ExitCode::usage);
  EXPECT_THAT(unknown.error().message, AllOf(HasSubstr("'three'"), HasSubstr("auto, one, two")));
  EXPECT_TRUE(check_engine_name({working("one")}, "auto"));
}

TEST(EngineKinds, OfThisPlatformHaveNamesOfTheirOwn) {
  ASSERT_FALSE(engine_kinds().empty());
  for (const EngineKind& kind : engine_kinds()) {
    EXPECT_FALSE(kind.name.empty());
    EXPECT_NE(kind.name, automatic_engine);
    EXPECT_TRUE(check_engine_name(engine_kinds(), kind.name));
  }
}

TEST(InterfaceName, IsItsNameOrItsDeviceInAnyCase) {
  Interface interface;
  interface.name = "eth0";
  EXPECT_TRUE(is_called(interface, "eth0"));
  EXPECT_FALSE(is_called(interface, "ETH0"));  // another interface where names have a case
  EXPECT_FALSE(is_called(interface, ""));
  interface.name = "Ethernet 2";
  interface.device = R"(\Device\NPF_{0A1B})";
  EXPECT_TRUE(is_called(interface, "ethernet 2"));
  EXPECT_TRUE(is_called(interface, R"(\device\npf_{0a1b})"));
  EXPECT_FALSE(is_called(interface, "Ethernet"));
}

}  // namespace
}  // namespace understudy
