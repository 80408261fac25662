#include "replay/pacing/pacing_options.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace understudy {
namespace {

std::string made(const PacingOptions& options) {
  const auto pacer = make_pacer(options);
  if (pacer) return describe(**pacer);
  EXPECT_EQ(pacer.error().code, ExitCode::usage);
  return "error: " + pacer.error().message;
}

TEST(PacingOptions, ChooseAndWrapPacers) {
  EXPECT_EQ(made({}), "recorded timing");
  EXPECT_EQ(made({.speed = "2x", .idle_max = std::chrono::seconds(5), .rate_max = "500/s"}),
            "recorded timing at 2x, idle gaps cut to 5 s, at most 500/s");
  EXPECT_EQ(made({.rate = "100/s for 1m"}), "100/s for 1 min (1 min, 6,000 requests)");
  EXPECT_EQ(made({.rate = "100/s", .poisson = true}), "Poisson arrivals around 100/s");
  EXPECT_EQ(made({.rate = "100/s", .rate_max = "30/m"}), "100/s, at most 0.5/s");
  EXPECT_EQ(made({.as_fast_as_possible = true}), "as fast as possible");
}

TEST(PacingOptions, ContradictionsNameTheOptions) {
  const std::vector<std::pair<PacingOptions, std::vector<std::string>>> cases = {
      {{.speed = "2x", .rate = "1/s"}, {"--rate", "--speed"}},
      {{.idle_max = std::chrono::seconds(1), .rate = "1/s"}, {"--rate", "--idle-max"}},
      {{.poisson = true}, {"--poisson", "--rate"}},
      {{.rate = "1/s", .as_fast_as_possible = true}, {"--fast", "--rate"}},
      {{.speed = "2x", .as_fast_as_possible = true}, {"--fast", "--speed"}},
      {{.as_fast_as_possible = true, .rate_max = "1/s"}, {"--fast", "--rate-max"}},
      {{.idle_max = std::chrono::seconds(1), .as_fast_as_possible = true}, {"--fast", "--idle-max"}},
      {{.poisson = true, .as_fast_as_possible = true}, {"--fast", "--poisson"}},
      {{.idle_max = std::chrono::seconds(0)}, {"--idle-max"}}};
  for (const auto& [options, names] : cases) {
    const std::string message = made(options);
    EXPECT_TRUE(message.starts_with("error: ")) << message;
    for (const std::string& name : names) EXPECT_NE(message.find(name), std::string::npos) << message;
  }
}

TEST(PacingOptions, ErrorsOfTextsNameTheOptionAndThePosition) {
  EXPECT_EQ(
      made({.speed = "fast"}),
      "error: --speed: cannot read the speed at character 1, \"fast\": expected a factor as in \"2x\" or \"0.5x\"");
  EXPECT_EQ(made({.speed = "2xx"}), "error: --speed: cannot read the speed at character 2, \"xx\": expected the end");
  EXPECT_TRUE(made({.speed = "0x"}).starts_with("error: --speed: a speed of 0x is out of range"));
  EXPECT_TRUE(made({.rate = "1/s fro 1m"}).starts_with("error: --rate: cannot read the rate at character 5"));
  EXPECT_TRUE(
      made({.rate = "1/s", .rate_max = "x"}).starts_with("error: --rate-max: cannot read the rate at character 1"));
}

}  // namespace
}  // namespace understudy
