// HdrHistogram's interval log (.hlog), version 1.3, with histograms in the V2 encoding.
//
// An encoded histogram, all integers big endian, before the base64 of a line:
//   cookie 0x1c849314, length of what follows, zlib stream of
//     cookie 0x1c849313, length of the counts, index offset 0, significant digits 3,
//     lowest discernible value 1 (8 bytes), highest trackable value (8 bytes), conversion ratio 1.0 (8 bytes),
//     counts: ZigZag LEB128 of each bucket's count, and a negative number -n for n > 1 empty buckets
// The low byte's upper half is 1 in both cookies: counts are of variable size. Our buckets are those of an HdrHistogram
// of three digits from 1 on, so the counts are taken over as they are.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "replay/report/reports.hpp"
#include "traffic/base/check.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/recording/base64.hpp"

namespace understudy {
namespace {

constexpr std::uint32_t compressed_cookie = 0x1c849314;
constexpr std::uint32_t counts_cookie = 0x1c849313;
constexpr std::uint32_t significant_digits = 3;
constexpr std::size_t leb128_bytes_max = 9;                       // the ninth byte holds eight bits
constexpr std::uint64_t trackable_max = std::uint64_t{1} << 62U;  // readers use signed integers
constexpr double ns_a_ms = 1e6;

void append_be32(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xffU);
}

void append_be64(std::string& out, std::uint64_t number) {
  append_be32(out, static_cast<std::uint32_t>(number >> 32U));
  append_be32(out, static_cast<std::uint32_t>(number));
}

void append_zigzag(std::string& out, std::int64_t number) {
  auto bits = (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63U);
  for (std::size_t i = 1; i < leb128_bytes_max && bits > 0x7f; ++i) {
    out += static_cast<char>((bits & 0x7fU) | 0x80U);
    bits >>= 7U;
  }
  out += static_cast<char>(bits);
}

std::string encoded_counts(const HistogramSnapshot& histogram) {
  std::string out;
  const auto buckets = histogram.buckets();
  std::size_t end = buckets.size();
  while (end > 0 && buckets[end - 1] == 0) --end;
  for (std::size_t i = 0; i < end;) {
    if (buckets[i] != 0) {
      append_zigzag(out, static_cast<std::int64_t>(buckets[i++]));
      continue;
    }
    const std::size_t first = i;
    while (buckets[i] == 0) ++i;
    append_zigzag(out, i - first == 1 ? 0 : -static_cast<std::int64_t>(i - first));
  }
  return out;
}

std::string deflated(const std::string& plain) {
  // A histogram has some hundred thousand buckets at most: its sizes fit in 32 bits, which uLong has on Windows.
  const auto plain_size = static_cast<uLong>(plain.size());
  uLong size = compressBound(plain_size);
  std::string packed(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                               reinterpret_cast<const Bytef*>(plain.data()), plain_size, Z_BEST_COMPRESSION);
  CHECK(status == Z_OK);  // the room is enough by zlib's own bound
  packed.resize(size);
  return packed;
}

std::string encoded_histogram(const HistogramSnapshot& histogram) {
  const std::string counts = encoded_counts(histogram);
  const std::uint64_t highest = std::clamp(histogram.maximum(), Histogram::one_hour_ns, trackable_max);
  std::string plain;
  append_be32(plain, counts_cookie);
  append_be32(plain, static_cast<std::uint32_t>(counts.size()));
  append_be32(plain, 0);
  append_be32(plain, significant_digits);
  append_be64(plain, 1);
  append_be64(plain, highest);
  append_be64(plain, std::bit_cast<std::uint64_t>(1.0));
  plain += counts;
  const std::string packed = deflated(plain);
  std::string out;
  append_be32(out, compressed_cookie);
  append_be32(out, static_cast<std::uint32_t>(packed.size()));
  return out + packed;
}

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void append_line(std::string& out, std::string_view tag, Nanoseconds begin, Nanoseconds length,
                 const HistogramSnapshot& histogram) {
  fmt::format_to(std::back_inserter(out), "{}{:.3f},{:.3f},{:.3f},", tag, seconds_of(begin), seconds_of(length),
                 static_cast<double>(histogram.maximum()) / ns_a_ms);
  append_base64(out, encoded_histogram(histogram));
  out += '\n';
}

}  // namespace

std::string latency_hlog(const RunResult& result) {
  std::string start;
  append_rfc3339(start, result.identity.start);
  std::string out = fmt::format(
      "#[Logged by {}; latency from due in nanoseconds, and from sent with the tag service]\n"
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: {:.3f} (seconds since epoch), {}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      result.identity.tool_version, seconds_of(result.identity.start.time_since_epoch()), start);
  for (const LatencyInterval& interval : result.intervals) {
    append_line(out, "", interval.begin, interval.length, interval.latency.expand());
  }
  append_line(out, "Tag=service,", result.warm_up, result.duration, result.load.outcomes.service_latency);
  return out;
}

}  // namespace understudy
