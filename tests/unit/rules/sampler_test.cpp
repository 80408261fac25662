#include "traffic/rules/sampler.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>

#include "tests/support/messages.hpp"

namespace understudy {
namespace {

using test::capture_get;

constexpr int sample_size = 20'000;

Sampler sampler_of(std::string_view rule) {
  auto sampler = Sampler::compile({"sample", rule});
  EXPECT_TRUE(sampler) << (sampler ? "" : sampler.error().message);
  return std::move(sampler).value();
}

// Five standard deviations of a binomial distribution.
double tolerance(double share) { return 5 * std::sqrt(sample_size * share * (1 - share)); }

TEST(Fnv1a32, AgreesWithThePublishedVectors) {
  EXPECT_EQ(fnv1a_32(""), 0x811c9dc5U);
  EXPECT_EQ(fnv1a_32("a"), 0xe40c292cU);
  EXPECT_EQ(fnv1a_32("foobar"), 0xbf9cf968U);
}

TEST(Sampler, KeepsAShareAtRandom) {
  const auto request = capture_get("/");
  for (const auto& [rule, share] : {std::pair{"10%", 0.1}, {"0.5%", 0.005}, {"99%", 0.99}}) {
    RandomSource random(1);
    const Sampler sampler = sampler_of(rule);
    int kept = 0;
    for (int i = 0; i < sample_size; ++i) kept += sampler.keeps(*request, random) ? 1 : 0;
    EXPECT_NEAR(kept, sample_size * share, tolerance(share)) << rule;
  }
}

TEST(Sampler, NothingAndEverythingAreExact) {
  const auto request = capture_get("/", "X-User: someone\r\n");
  RandomSource random(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(sampler_of("100%").keeps(*request, random));
    EXPECT_FALSE(sampler_of("0%").keeps(*request, random));
    EXPECT_TRUE(sampler_of("100% by header:X-User").keeps(*request, random));
    EXPECT_FALSE(sampler_of("0% by header:X-User").keeps(*request, random));
  }
}

TEST(Sampler, TheSameSeedMakesTheSameChoice) {
  const auto request = capture_get("/");
  const Sampler sampler = sampler_of("50%");
  RandomSource one(7);
  RandomSource same(7);
  RandomSource other(8);
  int differences = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool kept = sampler.keeps(*request, one);
    EXPECT_EQ(kept, sampler.keeps(*request, same));
    differences += kept != sampler.keeps(*request, other) ? 1 : 0;
  }
  EXPECT_GT(differences, 300);
}

TEST(Sampler, ByAValueTheChoiceIsStableAndTheShareHolds) {
  RandomSource random(1);
  for (const auto& [rule, share] : {std::pair{"10% by header:X-User", 0.1}, {"1.5% by header:x-user", 0.015}}) {
    const Sampler sampler = sampler_of(rule);
    int kept = 0;
    for (int i = 0; i < sample_size; ++i) {
      const auto request = capture_get("/", "X-User: user-" + std::to_string(i) + "\r\n");
      const bool first = sampler.keeps(*request, random);
      EXPECT_EQ(first, sampler.keeps(*request, random));
      kept += first ? 1 : 0;
    }
    EXPECT_NEAR(kept, sample_size * share, tolerance(share)) << rule;
  }
}

TEST(Sampler, WholePercentagesChooseAsGoReplayDoes) {
  RandomSource random(1);
  const Sampler sampler = sampler_of("25% by param:id");
  for (int i = 0; i < 2000; ++i) {
    const std::string id = std::to_string(i * 7919);
    const auto request = capture_get("/?id=" + id);
    EXPECT_EQ(sampler.keeps(*request, random), fnv1a_32(id) % 100 < 25) << id;
  }
}

TEST(Sampler, ALargerPercentageKeepsAllThatASmallerOneKept) {
  RandomSource random(1);
  const Sampler smaller = sampler_of("3.25% by cookie:sid");
  const Sampler larger = sampler_of("3.75% by cookie:sid");
  int kept = 0;
  for (int i = 0; i < sample_size; ++i) {
    const auto request = capture_get("/", "Cookie: sid=s" + std::to_string(i) + "\r\n");
    if (!smaller.keeps(*request, random)) continue;
    ++kept;
    EXPECT_TRUE(larger.keeps(*request, random));
  }
  EXPECT_GT(kept, 500);
}

TEST(Sampler, ByClientUsesTheAddressNotThePort) {
  RandomSource random(1);
  const Sampler sampler = sampler_of("20% by client");
  int kept = 0;
  for (int i = 0; i < sample_size; ++i) {
    const auto request = capture_get("/");
    const std::uint8_t address[4] = {10, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    request->client.address = IpAddress::v4(address);
    const bool first = sampler.keeps(*request, random);
    request->client.port = static_cast<std::uint16_t>(i);
    EXPECT_EQ(first, sampler.keeps(*request, random));
    kept += first ? 1 : 0;
  }
  EXPECT_NEAR(kept, sample_size * 0.2, tolerance(0.2));
}

TEST(Sampler, WithoutTheValueItDoesWhatTheRuleSays) {
  const auto request = capture_get("/");
  RandomSource random(1);
  int kept = 0;
  for (int i = 0; i < sample_size; ++i) {
    kept += sampler_of("10% by header:X-User").keeps(*request, random) ? 1 : 0;
    if (i >= 100) continue;
    EXPECT_TRUE(sampler_of("10% by header:X-User else keep").keeps(*request, random));
    EXPECT_FALSE(sampler_of("10% by header:X-User else drop").keeps(*request, random));
  }
  EXPECT_NEAR(kept, sample_size * 0.1, tolerance(0.1));
}

TEST(Sampler, RefusesWhatItDoesNotUnderstand) {
  for (const std::string_view rule :
       {"", "10", "200%", "10% by", "10% by ", "10% by user", "10% by path", "10% by header:", "10% by client else",
        "10% by client else maybe", "10% of client", "10%by client"}) {
    const auto sampler = Sampler::compile({"sample", rule});
    ASSERT_FALSE(sampler) << rule;
    EXPECT_EQ(sampler.error().message.rfind("sample '" + std::string(rule) + "': ", 0), 0U) << sampler.error().message;
  }
}

}  // namespace
}  // namespace understudy
