#include "replay/forecast/ebs_volume.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

struct Row {
  const char* text;
  std::uint32_t baseline;
  std::uint32_t burst;
  bool has_credits;
};

TEST(EbsVolumeTest, BaselineAndBurstFollowTypeAndSize) {
  const Row rows[] = {
      {"gp2:1GiB", 100, 3000, true},        {"gp2:33GiB", 100, 3000, true},       {"gp2:34GiB", 102, 3000, true},
      {"gp2:100GiB", 300, 3000, true},      {"gp2:999GiB", 2997, 3000, true},     {"gp2:1000GiB", 3000, 3000, false},
      {"gp2:5333GiB", 15999, 15999, false}, {"gp2:5334GiB", 16000, 16000, false}, {"gp2:16TiB", 16000, 16000, false},
      {"gp3:1GiB", 3000, 3000, false},      {"gp3:1TiB", 3000, 3000, false},
  };
  for (const Row& row : rows) {
    const auto volume = parse_ebs_volume(row.text);
    ASSERT_TRUE(volume) << row.text;
    EXPECT_EQ(volume->baseline_iops(), row.baseline) << row.text;
    EXPECT_EQ(volume->burst_iops(), row.burst) << row.text;
    EXPECT_EQ(volume->has_credits(), row.has_credits) << row.text;
  }
}

TEST(EbsVolumeTest, RdsStripesGp3From400GiBOn) {
  EbsVolume volume{EbsVolumeType::gp3, 399, true};
  EXPECT_EQ(volume.baseline_iops(), 3000U);
  volume.gib = 400;
  EXPECT_EQ(volume.baseline_iops(), 12000U);
  volume.is_rds = false;
  EXPECT_EQ(volume.baseline_iops(), 3000U);
}

TEST(EbsVolumeTest, RefusesWhatIsNoVolume) {
  const std::pair<const char*, const char*> rows[] = {
      {"gp2", "no ':'"},
      {"io1:100GiB", "'io1' is no type"},
      {"gp2:100", "no unit"},
      {"gp2:100GB", "whole number of GiB"},
      {"gp2:0GiB", "from 1 to 16384"},
      {"gp2:17TiB", "from 1 to 16384"},
      {"gp3:", "no unit"},
      {"gp2:manyGiB", "gp2:manyGiB"},
  };
  for (const auto& [text, expected] : rows) {
    const auto volume = parse_ebs_volume(text);
    ASSERT_FALSE(volume) << text;
    EXPECT_EQ(volume.error().code, ExitCode::usage);
    EXPECT_THAT(volume.error().message, HasSubstr(expected));
    EXPECT_THAT(volume.error().message, HasSubstr("gp2:100GiB or gp3:500GiB"));
  }
}

}  // namespace
}  // namespace understudy
