// EBS volumes of type gp2 and gp3, and what they may do for how long.
//
// Sources: "Amazon EBS General Purpose SSD volumes" of the EBS User Guide, and "Amazon RDS DB instance storage" of the
// RDS User Guide.
//
// Values; pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

// gp2: a bucket of I/O credits, full when the volume is made. It earns the baseline each second, and each operation,
// read or write, takes one.
inline constexpr std::uint64_t gp2_credits_max = 5'400'000;
inline constexpr std::uint32_t gp2_burst_iops = 3'000;
// One operation moves so much at most; a larger one counts as several, and contiguous ones may count as one.
inline constexpr std::uint64_t ssd_operation_bytes_max = 256 * 1024;

enum class EbsVolumeType : std::uint8_t { gp2, gp3 };

struct EbsVolume {
  EbsVolumeType type = EbsVolumeType::gp2;
  std::uint64_t gib = 100;
  bool is_rds = false;  // an RDS instance's storage, which is striped from 400 GiB on if it is gp3

  // What the volume always does: gp2 clamp(3 a GiB, 100, 16,000); gp3 3,000, and 12,000 for RDS from 400 GiB on.
  [[nodiscard]] std::uint32_t baseline_iops() const;
  // What it does while there are credits: never less than the baseline.
  [[nodiscard]] std::uint32_t burst_iops() const;
  // Whether there are credits, and they matter: gp2 with a baseline below the burst.
  [[nodiscard]] bool has_credits() const;
  // "gp2 volume of 100 GiB".
  [[nodiscard]] std::string text() const;
};

// "gp2:100GiB", "gp3:1TiB": whole GiB, from 1 to 16,384 for gp2 and to 65,536 for gp3. ExitCode::usage.
[[nodiscard]] Result<EbsVolume> parse_ebs_volume(std::string_view text);

}  // namespace understudy
