#include "replay/rehearse/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rehearse/rehearse_fixture.hpp"

namespace understudy {
namespace {

using rehearse_test::parsed;
using rehearse_test::plan_with;
using rehearse_test::small_plan;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

[[nodiscard]] std::string error_of(const std::string& text) {
  const auto plan = parsed(text);
  if (plan) return "no error";
  EXPECT_EQ(plan.error().code, ExitCode::configuration);
  return plan.error().message;
}

TEST(Plan, DefaultsAreThoseOfTheMethod) {
  const RehearsalPlan plan = plan_with();
  EXPECT_EQ(plan.name, "orders");
  EXPECT_EQ(plan.pairs.count, 8U);
  EXPECT_EQ(plan.pairs.noise_count, 2U);
  EXPECT_EQ(plan.method.pairs_needed, 6U);
  EXPECT_EQ(plan.production_data_cache_ratio, 6.0);
  EXPECT_FALSE(plan.candidate.environment.has_value());
  EXPECT_FALSE(plan.forecast.has_value());
}

TEST(Plan, FlagsOfRunBecomeItsCommandLine) {
  const RehearsalPlan plan = plan_with("[sessions]\nconnections = 8\ncarry = [\"a\", \"b\"]\nany-connection = false\n");
  EXPECT_THAT(run_arguments(plan, "http://c", {"--quiet"}),
              ElementsAre("run", "monday.take", "--to=http://c", "--rate=50/s", "--loop", "--connections=8",
                          "--carry=a", "--carry=b", "--quiet"));
}

TEST(Plan, AnUnknownKeyIsRefusedWithItsLine) {
  EXPECT_EQ(error_of(std::string(small_plan) + "[pairs]\ncount = 8\npears = 3\n"),
            "plan.toml:17: unknown key [pairs] 'pears'. [pairs] takes: aa, count, repeats-max, warm-up");
  EXPECT_THAT(error_of("nmae = \"x\"\n" + std::string(small_plan)), StartsWith("plan.toml:1: unknown key 'nmae'"));
}

TEST(Plan, AnUnknownTableIsRefusedWithItsLine) {
  EXPECT_THAT(error_of(std::string(small_plan) + "[verdcit]\nmargin = 1.2\n"),
              StartsWith("plan.toml:15: unknown key 'verdcit'"));
}

TEST(Plan, ASyntaxErrorHasItsLine) { EXPECT_THAT(error_of("name = \"x\"\nurl = \n"), StartsWith("plan.toml:2: ")); }

TEST(Plan, WrongValuesHaveTheirLineAndSayWhatIsWanted) {
  const std::string base = small_plan;
  EXPECT_THAT(error_of(base + "[pairs]\ncount = 50\n"),
              HasSubstr("plan.toml:16: [pairs] 'count' takes a whole number from 1 to 20"));
  EXPECT_THAT(error_of(base + "[pairs]\ncount = \"8\"\n"), HasSubstr("takes a whole number"));
  EXPECT_THAT(error_of(base + "[pairs]\nwarm-up = \"10\"\n"), HasSubstr("plan.toml:16: [pairs] 'warm-up'"));
  EXPECT_THAT(error_of(base + "[environment]\nmaintenance = 1\n"), HasSubstr("must be true or false"));
  EXPECT_THAT(error_of(base + "[forecast]\nvolume = \"gp9:1GiB\"\n"), HasSubstr("plan.toml:16: [forecast] 'volume'"));
  EXPECT_THAT(error_of(base + "[environment]\nstatistics-rules = [\"/x = maybe\"]\n"), HasSubstr("plan.toml:16:"));
}

TEST(Plan, AnObjectiveThatDoesNotParseHasItsLine) {
  std::string text = small_plan;
  text += "fail-if = [\"p99 > 250ms\", \"p99 >\"]\n";
  EXPECT_THAT(error_of(text), StartsWith("plan.toml:15: [verdict] 'fail-if'"));
}

TEST(Plan, MissingPartsAreNamed) {
  EXPECT_THAT(error_of("[candidate]\nurl = \"http://c\"\n[traffic]\nrecording = \"a.take\"\n"),
              HasSubstr("[baseline] 'url' is missing"));
  EXPECT_THAT(error_of("[baseline]\nurl = \"http://b\"\n[candidate]\nurl = \"http://c\"\n"),
              HasSubstr("'recording' is missing"));
}

TEST(Plan, FlagsThatTheRehearsalSetsAreRefused) {
  std::string text = small_plan;
  text.insert(text.find("rate ="), "warm-up = \"5s\"\n");
  EXPECT_THAT(error_of(text), HasSubstr("plan.toml:11: [pacing] 'warm-up' is [pairs] warm-up"));
}

TEST(Plan, APipeCannotBePlayedTwice) {
  std::string text = small_plan;
  text.replace(text.find("monday.take"), 11, "-");
  EXPECT_THAT(error_of(text), HasSubstr("cannot be a pipe"));
}

TEST(Plan, ADatabaseComesFromAVariable) {
  std::string text = small_plan;
  text.insert(text.find("[candidate]"), "database-env = \"DATABASE\"\n");
  EXPECT_EQ(parsed(text)->baseline.database, "postgres://observer:secret@db.test/orders");
  text.replace(text.find("\"DATABASE\""), 10, "\"NOBODY\"");
  EXPECT_THAT(error_of(text), HasSubstr("names NOBODY, which is not set"));
}

TEST(Plan, TheBaselineIsNotMigrated) {
  std::string text = small_plan;
  text.insert(text.find("[candidate]"), "migrate = \"psql\"\n");
  EXPECT_THAT(error_of(text), HasSubstr("[baseline] 'migrate' is the candidate's"));
}

TEST(Plan, ClonesAreCheckedAsTheEnvironmentWould) {
  const std::string clone = R"([[clone]]
id = "orders-7"
kind = "postgres"
method = "template"
after = ["migrate"]
source = { database = "prod" }
destination = { database = "DESTINATION" }
)";
  std::string good = clone;
  good.replace(good.find("DESTINATION"), 11, "candidate");
  const RehearsalPlan plan = plan_with(good);
  ASSERT_EQ(plan.clones.size(), 1U);
  EXPECT_EQ(plan.clones[0].request.options.method, CloneMethod::template_database);
  EXPECT_EQ(plan.clones[0].on, RunSide::candidate);
  std::string same = clone;
  same.replace(same.find("DESTINATION"), 11, "prod");
  EXPECT_THAT(error_of(small_plan + same), StartsWith("plan.toml:16: [clone 1] 'id'"));
}

TEST(Plan, AnErrorOfAFlagGetsItsLine) {
  const RehearsalPlan plan = plan_with();
  EXPECT_EQ(at_plan_line(plan, {ExitCode::usage, "--rate wants a shape"}).message,
            "plan.toml:11: --rate wants a shape");
  EXPECT_EQ(at_plan_line(plan, {ExitCode::usage, "--rate-max is wrong"}).message, "plan.toml: --rate-max is wrong");
}

TEST(Plan, TheTemplateIsAPlan) {
  const auto variable = [](const std::string&) { return std::optional<std::string>("postgres://x/y"); };
  const auto plan = parse_plan("template", plan_template(), variable);
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
}

TEST(Plan, TheTemplateWithEveryKeyIsAPlan) {
  // Every line that is commented out is a key: "# key = value" or "# [table]".
  std::string text;
  std::string line;
  for (const char c : plan_template()) {
    line += c;
    if (c != '\n') continue;
    const bool is_key = line.starts_with("# ") && (line.find(" = ") != std::string::npos || line.starts_with("# [")) &&
                        line.find("understudy-replay") == std::string::npos &&
                        line.find("Only the keys") == std::string::npos;
    text += is_key ? line.substr(2) : line;
    line.clear();
  }
  // These two exclude what stands beside them.
  text.replace(text.find("database-env = \"BASELINE"), 12, "#");
  const auto plan = parse_plan("template", text, [](const std::string&) { return std::optional<std::string>("x"); });
  ASSERT_TRUE(plan.has_value()) << plan.error().message << "\n" << text;
  EXPECT_EQ(plan->clones.size(), 1U);
  EXPECT_TRUE(plan->forecast.has_value());
  EXPECT_TRUE(plan->baseline.cloudwatch.has_value());
}

TEST(Plan, TheFingerprintIsOfWhatIsMeasured) {
  const auto base = plan_with().fingerprint;
  EXPECT_EQ(plan_with("[pairs]\ncount = 9\n").fingerprint, base);
  EXPECT_NE(plan_with("[pairs]\nwarm-up = \"1s\"\n").fingerprint, base);
  EXPECT_NE(plan_with("[sessions]\nconnections = 3\n").fingerprint, base);
}

}  // namespace
}  // namespace understudy
