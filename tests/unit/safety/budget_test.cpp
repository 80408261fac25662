#include "agent/safety/budget.hpp"

#include <gtest/gtest.h>

#include <random>

namespace understudy {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

BudgetRequest request(std::size_t memory, unsigned workers = 1, unsigned outputs = 1) {
  return {memory, 32 * mib, workers, workers, outputs, 64 * mib};
}

std::size_t sum(const MemoryDivision& division, const BudgetRequest& request) {
  return division.fixed + division.capture_buffer * request.capture_handles +
         division.reassembly_per_worker * request.workers + division.messages;
}

TEST(Budget, TheDefaultIsDividedAsDocumented) {
  const MemoryDivision division = divide_memory(request(128 * mib)).value();
  EXPECT_EQ(division.fixed, 16 * mib);
  EXPECT_EQ(division.capture_buffer, 32 * mib);
  EXPECT_EQ(division.reassembly_per_worker, 10 * mib);
  EXPECT_EQ(division.messages, 70 * mib);
  EXPECT_EQ(division.queue_share(1), 70 * mib / 4 * 3);
  EXPECT_EQ(division.queue_share(3), 70 * mib / 4 * 3 / 3);
  EXPECT_EQ(division.body_max, 64 * mib);
  EXPECT_FALSE(division.capture_buffer_lowered);
  EXPECT_FALSE(division.body_max_lowered);
  EXPECT_EQ(to_string(division, request(128 * mib)), "128 MiB: 16 fixed, 32.0 capture, 10.0 reassembly, 70.0 messages");
}

TEST(Budget, BodiesAreLoweredToWhatThePoolHolds) {
  const MemoryDivision division = divide_memory(request(64 * mib)).value();
  EXPECT_EQ(division.body_max, division.messages - mib / 2);
  EXPECT_TRUE(division.body_max_lowered);
}

TEST(Budget, ACaptureFileNeedsNoBuffer) {
  BudgetRequest file = request(64 * mib);
  file.capture_buffer_bytes = 0;
  const MemoryDivision division = divide_memory(file).value();
  EXPECT_EQ(division.capture_buffer, 0U);
  EXPECT_FALSE(division.capture_buffer_lowered);
  EXPECT_EQ(division.queue_share(1), 42 * mib / 4 * 3);
}

TEST(Budget, CaptureBuffersAreLoweredToAQuarter) {
  const MemoryDivision division = divide_memory(request(128 * mib, 4)).value();
  EXPECT_EQ(division.capture_buffer, 8 * mib);
  EXPECT_TRUE(division.capture_buffer_lowered);
}

TEST(Budget, WithoutOutputsBodiesMayBeAsLarge) {
  const MemoryDivision division = divide_memory(request(128 * mib, 1, 0)).value();
  EXPECT_EQ(division.body_max, 64 * mib);
}

TEST(Budget, ABoundTooSmallIsRefusedAndTheLeastIsNamed) {
  const Result<MemoryDivision> division = divide_memory(request(20 * mib));
  ASSERT_FALSE(division);
  EXPECT_EQ(division.error().code, ExitCode::usage);
  EXPECT_NE(division.error().message.find("at least 21 MiB"), std::string::npos) << division.error().message;
  EXPECT_TRUE(divide_memory(request(21 * mib)));
}

TEST(Budget, PartsNeverExceedTheBoundAndNoneIsEmpty) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    BudgetRequest any =
        request(random() % (2048 * mib), 1 + static_cast<unsigned>(random() % 16), static_cast<unsigned>(random() % 8));
    any.capture_buffer_bytes = random() % (256 * mib);
    any.capture_handles = any.workers * (1 + static_cast<unsigned>(random() % 3));
    any.body_bytes_max = random() % (256 * mib);
    const Result<MemoryDivision> division = divide_memory(any);
    if (!division) continue;
    ASSERT_LE(sum(*division, any), any.memory_bytes_max);
    ASSERT_LE(division->capture_buffer, any.capture_buffer_bytes);
    ASSERT_GE(division->capture_buffer, std::min(any.capture_buffer_bytes, mib));
    ASSERT_GE(division->reassembly_per_worker, mib / 2);
    ASSERT_GE(division->messages, mib);
    ASSERT_GE(division->queue_share(any.outputs), mib);
    ASSERT_LT(division->queue_share(any.outputs) * any.outputs, division->messages);
    ASSERT_LE(division->body_max, any.body_bytes_max);
  }
}

TEST(ResidentBytes, GrowsWithWhatIsTouched) {
  const std::optional<std::size_t> before = resident_bytes();
  ASSERT_TRUE(before);
  EXPECT_GT(*before, mib);
  const std::string touched(32 * mib, 'x');
  const std::optional<std::size_t> after = resident_bytes();
  EXPECT_GE(*after + mib, *before + touched.size());
}

}  // namespace
}  // namespace understudy
