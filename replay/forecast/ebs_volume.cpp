#include "replay/forecast/ebs_volume.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "traffic/base/units.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t gp2_iops_per_gib = 3;
constexpr std::uint64_t gp2_baseline_min = 100;
constexpr std::uint64_t gp2_baseline_max = 16'000;
constexpr std::uint32_t gp3_iops = 3'000;
constexpr std::uint32_t gp3_rds_striped_iops = 12'000;
constexpr std::uint64_t gp3_rds_striped_gib = 400;
constexpr std::uint64_t gp2_gib_max = 16'384;
constexpr std::uint64_t gp3_gib_max = 65'536;
constexpr std::uint64_t bytes_per_gib = std::uint64_t{1} << 30U;

}  // namespace

std::uint32_t EbsVolume::baseline_iops() const {
  if (type == EbsVolumeType::gp3) return is_rds && gib >= gp3_rds_striped_gib ? gp3_rds_striped_iops : gp3_iops;
  return static_cast<std::uint32_t>(std::clamp(gp2_iops_per_gib * gib, gp2_baseline_min, gp2_baseline_max));
}

std::uint32_t EbsVolume::burst_iops() const {
  return type == EbsVolumeType::gp2 ? std::max(baseline_iops(), gp2_burst_iops) : baseline_iops();
}

bool EbsVolume::has_credits() const { return burst_iops() > baseline_iops(); }

std::string EbsVolume::text() const {
  return fmt::format("{}{} volume of {} GiB", is_rds ? "RDS " : "", type == EbsVolumeType::gp2 ? "gp2" : "gp3", gib);
}

Result<EbsVolume> parse_ebs_volume(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail(ExitCode::usage,
                fmt::format("cannot read the volume '{}': {}; write it as gp2:100GiB or gp3:500GiB", text, why));
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return refuse("there is no ':' between type and size");
  EbsVolume volume;
  const std::string_view type = text.substr(0, colon);
  if (type != "gp2" && type != "gp3") return refuse(fmt::format("'{}' is no type that is known", type));
  volume.type = type == "gp2" ? EbsVolumeType::gp2 : EbsVolumeType::gp3;
  const std::string_view size = text.substr(colon + 1);
  if (size.find_first_not_of("0123456789 ") == std::string_view::npos) return refuse("its size has no unit");
  const Result<std::uint64_t> bytes = parse_byte_size(size);
  if (!bytes) return refuse(bytes.error().message);
  if (*bytes % bytes_per_gib != 0) return refuse("its size is not a whole number of GiB");
  volume.gib = *bytes / bytes_per_gib;
  const std::uint64_t gib_max = volume.type == EbsVolumeType::gp2 ? gp2_gib_max : gp3_gib_max;
  if (volume.gib < 1 || volume.gib > gib_max) return refuse(fmt::format("it has from 1 to {} GiB", gib_max));
  return volume;
}

}  // namespace understudy
