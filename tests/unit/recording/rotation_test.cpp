#include "traffic/recording/rotation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace understudy {
namespace {

std::string error_of(std::string_view text) {
  const auto limits = parse_rotation(text);
  EXPECT_FALSE(limits) << text;
  return limits ? "" : limits.error().message;
}

TEST(RotationTest, ReadsTimeSizeAndTotalInAnyOrder) {
  const auto all = parse_rotation("1h,1GiB,total=20GiB");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->period, std::chrono::hours(1));
  EXPECT_EQ(all->size_max, std::uint64_t{1} << 30U);
  EXPECT_EQ(all->total_max, std::uint64_t{20} << 30U);
  EXPECT_EQ(parse_rotation("total=5MB,10MB")->size_max, 10'000'000U);
  EXPECT_EQ(parse_rotation("1d")->period, std::chrono::hours(24));
  EXPECT_TRUE(parse_rotation("64M")->any());
  EXPECT_FALSE(RotationLimits().any());
}

TEST(RotationTest, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(error_of("1h,2h"),
            "'2h' is a second time, or less than 1s: give a time, a size and a total, such as 1h,1GiB,total=20GiB");
  for (const char* text :
       {"", ",", "1h,", "1GiB,2GiB", "total=1G,total=2G", "0", "total=0", "10ms", "monthly", "total="}) {
    static_cast<void>(error_of(text));
  }
}

TEST(RotationTest, NamesHaveTheTimeInUtc) {
  const WallTime time(std::chrono::seconds(1'771'000'509));  // 2026-02-13T16:35:09Z
  EXPECT_EQ(expand_recording_name("/x/%Y%m%d-%H%M%S-%j-100%%.take", time), "/x/20260213-163509-044-100%.take");
  EXPECT_TRUE(check_recording_name("%Y.take").value());
  EXPECT_FALSE(check_recording_name("100%%.take").value());
  for (const char* name : {"%s.take", "x%", "%", "%Ey.take", "/%Y/out.take"}) {
    const auto checked = check_recording_name(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ExitCode::usage);
  }
}

}  // namespace
}  // namespace understudy
