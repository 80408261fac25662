// How often the verdict is wrong, and how often it finds what is there, over made-up rehearsals of a fixed seed.
#include <gtest/gtest.h>

#include <utility>

#include "tests/unit/verdict/rehearsal_fixture.hpp"

namespace understudy {
namespace {

using verdict_test::MadeUp;
using verdict_test::Maker;

struct Tally {
  std::size_t improved = 0, regressed = 0, equivalent = 0, inconclusive = 0;
  std::size_t with_false_class = 0;  // rehearsals in which any class improved or regressed
  std::size_t with_false_route = 0;
};

[[nodiscard]] bool any_found(const std::vector<PartVerdict>& parts) {
  for (const PartVerdict& part : parts) {
    if (part.verdict == RehearsalVerdict::improved || part.verdict == RehearsalVerdict::regressed) return true;
  }
  return false;
}

[[nodiscard]] Tally simulate(const MadeUp& what, std::size_t times, std::uint64_t seed) {
  Maker maker(seed);
  Tally tally;
  for (std::size_t i = 0; i < times; ++i) {
    const JudgedRehearsal judged = judge_rehearsal(maker.rehearsal(what));
    switch (judged.verdict) {
      case RehearsalVerdict::improved: ++tally.improved; break;
      case RehearsalVerdict::regressed: ++tally.regressed; break;
      case RehearsalVerdict::equivalent: ++tally.equivalent; break;
      case RehearsalVerdict::inconclusive: ++tally.inconclusive; break;
    }
    tally.with_false_class += any_found(judged.classes) ? 1U : 0U;
    tally.with_false_route += any_found(judged.routes) ? 1U : 0U;
  }
  return tally;
}

constexpr std::size_t times = 1000;
constexpr std::size_t alpha_of_times = 50;
constexpr std::size_t few_times = 200;

TEST(Simulation, EqualBuildsAreNotFoundDifferentMoreOftenThanAlpha) {
  for (const auto& [noise, pairs] : {std::pair{0.02, 8U}, std::pair{0.1, 6U}, std::pair{0.5, 10U}}) {
    MadeUp what;
    what.noise = noise;
    what.pairs = pairs;
    const Tally tally = simulate(what, times, 7);
    EXPECT_LE(tally.improved + tally.regressed, alpha_of_times) << noise << " " << pairs;
    EXPECT_LE(tally.with_false_class, alpha_of_times) << noise << " " << pairs;
    EXPECT_LE(tally.with_false_route, alpha_of_times) << noise << " " << pairs;
  }
}

TEST(Simulation, WithoutNoiseRunsAndWithAThinMarginAlphaHoldsByTheTestsAlone) {
  MadeUp what;
  what.noise_pairs = 0;
  what.noise = 0.3;
  Maker maker(11);
  std::size_t found = 0;
  std::size_t found_classes = 0;
  for (std::size_t i = 0; i < times; ++i) {
    VerdictInput input = maker.rehearsal(what);
    input.method.margin = 1.0001;
    const JudgedRehearsal judged = judge_rehearsal(input);
    found += judged.verdict == RehearsalVerdict::improved || judged.verdict == RehearsalVerdict::regressed ? 1U : 0U;
    found_classes += any_found(judged.classes) ? 1U : 0U;
  }
  EXPECT_LE(found, alpha_of_times);
  EXPECT_LE(found_classes, alpha_of_times);
  EXPECT_GE(found + found_classes, 1U);  // else this would hold whatever the tests did
}

TEST(Simulation, EqualBuildsWithLittleNoiseAreEquivalent) {
  MadeUp what;
  what.noise = 0.02;
  EXPECT_GE(simulate(what, few_times, 3).equivalent, 190U);
}

TEST(Simulation, EqualBuildsWithMuchNoiseAreNotCalledEquivalent) {
  MadeUp what;
  what.noise = 0.5;
  EXPECT_LE(simulate(what, few_times, 5).equivalent, 10U);
}

TEST(Simulation, RealEffectsAreFound) {
  MadeUp what;
  what.noise = 0.1;
  what.effect = 0.5;
  EXPECT_GE(simulate(what, few_times, 13).improved, 195U);
  what.effect = 2;
  EXPECT_GE(simulate(what, few_times, 17).regressed, 195U);
}

TEST(Simulation, AnEffectJustBeyondTheMarginIsNeverCalledEquivalent) {
  MadeUp what;
  what.noise = 0.02;
  what.effect = 1.1;
  for (auto& item : what.classes) item.effect = 1;
  EXPECT_LE(simulate(what, few_times, 19).equivalent, 10U);
}

}  // namespace
}  // namespace understudy
