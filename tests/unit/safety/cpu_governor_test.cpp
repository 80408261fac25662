#include "agent/safety/cpu_governor.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace understudy {
namespace {

constexpr Nanoseconds second = std::chrono::seconds(1);

// A process whose CPU use is a fixed part and a part in proportion to the share that is kept.
class Plant {
 public:
  Plant(double limit, double fixed, double variable)
      : governor_(limit, second, [this](const CpuChange& change) { changes_.push_back(change); }),
        fixed_(fixed),
        variable_(variable) {
    governor_.observe(now_, cpu_);
  }
  double run(int seconds) {
    double used = 0;
    for (int i = 0; i < seconds; ++i) {
      used = fixed_ + variable_ * governor_.keep_share();
      now_ += second;
      cpu_ += Nanoseconds(static_cast<std::int64_t>(used * 1e9));
      governor_.observe(now_, cpu_);
    }
    return used;
  }
  void load(double variable) { variable_ = variable; }

  MonotonicTime now_{second};
  Nanoseconds cpu_{};
  std::vector<CpuChange> changes_;
  CpuGovernor governor_;

 private:
  double fixed_;
  double variable_;
};

TEST(CpuGovernor, BelowTheLimitNothingIsShed) {
  Plant plant(0.2, 0.02, 0.17);
  plant.run(100);
  EXPECT_TRUE(plant.changes_.empty());
  EXPECT_EQ(plant.governor_.keep_share(), 1.0);
  EXPECT_NEAR(plant.governor_.cpu_used(), 0.19, 1e-6);
}

TEST(CpuGovernor, OneIntervalAboveTheLimitIsABurst) {
  Plant plant(0.2, 0.0, 0.1);
  plant.run(5);
  plant.load(0.9);
  plant.run(1);
  plant.load(0.1);
  plant.run(5);
  EXPECT_TRUE(plant.changes_.empty());
}

TEST(CpuGovernor, ALoadAboveTheLimitIsShedUntilItFits) {
  Plant plant(0.2, 0.03, 0.9);
  EXPECT_LE(plant.run(20), 0.2);
  EXPECT_GE(plant.run(1), 0.16);  // and not more than needed
  ASSERT_FALSE(plant.changes_.empty());
  EXPECT_EQ(plant.changes_.front().action, CpuAction::began);
  EXPECT_EQ(plant.changes_.front().cpu_limit, 0.2);
}

TEST(CpuGovernor, ItDoesNotSwingUnderAConstantLoad) {
  Plant plant(0.2, 0.03, 0.9);
  plant.run(20);
  const std::size_t settled = plant.changes_.size();
  plant.run(500);
  EXPECT_EQ(plant.changes_.size(), settled);
}

TEST(CpuGovernor, EverythingIsKeptAgainWhenTheLoadEnds) {
  Plant plant(0.2, 0.01, 1.5);
  plant.run(20);
  EXPECT_LT(plant.governor_.keep_share(), 0.2);
  plant.load(0.1);
  plant.run(30);
  EXPECT_EQ(plant.governor_.keep_share(), 1.0);
  EXPECT_EQ(plant.changes_.back().action, CpuAction::ended);
}

TEST(CpuGovernor, TheShareNeverFallsBelowOnePercent) {
  Plant plant(0.05, 0.5, 0.5);  // the fixed part alone is too much
  plant.run(100);
  EXPECT_NEAR(plant.governor_.keep_share(), 0.01, 1e-9);
  const std::size_t changes = plant.changes_.size();
  plant.run(100);
  EXPECT_EQ(plant.changes_.size(), changes);
}

TEST(CpuGovernor, LimitsAboveOneCoreWork) {
  Plant plant(1.5, 0.1, 3.0);
  EXPECT_LE(plant.run(20), 1.5);
  EXPECT_LT(plant.governor_.keep_share(), 0.5);
}

TEST(CpuGovernor, SessionsAreKeptInProportionAndConsistently) {
  Plant plant(0.2, 0.0, 0.8);
  std::vector<bool> before(100'000, true);
  double last_share = 1.0;
  for (int step = 0; step < 8; ++step) {
    plant.run(1);
    const double share = plant.governor_.keep_share();
    std::size_t kept = 0;
    for (std::size_t id = 0; id < before.size(); ++id) {
      const bool keeps = plant.governor_.keeps(id);
      kept += keeps ? 1 : 0;
      // Whoever is kept at the lower share was kept at the higher one.
      ASSERT_TRUE(share > last_share || !keeps || before[id]);
      before[id] = keeps;
    }
    EXPECT_NEAR(static_cast<double>(kept) / static_cast<double>(before.size()), share, 0.01);
    last_share = share;
  }
  EXPECT_LT(last_share, 0.26);
}

TEST(CpuGovernor, CallsWithinAnIntervalAreNotCounted) {
  int changes = 0;
  CpuGovernor governor(0.1, second, [&](const CpuChange&) { ++changes; });
  MonotonicTime now{second};
  for (int i = 0; i < 15; ++i)
    governor.observe(now += std::chrono::milliseconds(100), std::chrono::milliseconds(100 * i));
  EXPECT_EQ(changes, 0);  // 1.5 s at full load are one interval and a half
}

TEST(ProcessCpuTime, GrowsWithWork) {
  const Nanoseconds before = process_cpu_time();
  EXPECT_GT(before.count(), 0);
  volatile std::uint64_t sink = 0;
  while (process_cpu_time() - before < std::chrono::milliseconds(5)) sink = sink + 1;
  EXPECT_GE(process_cpu_time() - before, std::chrono::milliseconds(5));
}

}  // namespace
}  // namespace understudy
