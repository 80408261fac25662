// HdrHistogram's formats, checked by a decoder written from the published format. hdr_peer_test.py has HdrHistogram's
// own library read the same files.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "replay/report/reports.hpp"
#include "sample_run.hpp"
#include "traffic/recording/base64.hpp"

namespace understudy {
namespace {

using test::histogram_of;
using test::ms;

std::uint64_t be(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8U | static_cast<unsigned char>(bytes.at(at + i));
  return number;
}

struct Decoded {
  std::uint64_t count = 0;
  std::uint64_t highest_trackable = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> values;  // lowest value of a bucket, and its count
};

// The layout of three digits: 2,048 sub-buckets of 1, then 1,024 of 2, 1,024 of 4, ...
std::uint64_t lowest_of(std::uint64_t index) {
  if (index < 2'048) return index;
  const std::uint64_t shift = index / 1'024 - 1;
  return (index % 1'024 + 1'024) << shift;
}

std::int64_t take_zigzag(std::string_view bytes, std::size_t& at) {
  std::uint64_t bits = 0;
  for (unsigned i = 0;; ++i) {
    const auto byte = static_cast<unsigned char>(bytes.at(at++));
    if (i == 8) {
      bits |= std::uint64_t{byte} << 56U;
      break;
    }
    bits |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if ((byte & 0x80U) == 0) break;
  }
  return static_cast<std::int64_t>(bits >> 1U) ^ -static_cast<std::int64_t>(bits & 1U);
}

Decoded decode(const std::string& base64) {
  const std::string packed = decode_base64(base64).value();
  EXPECT_EQ(be(packed, 0, 4) & ~std::uint64_t{0xf0}, 0x1c849304U);
  EXPECT_EQ(be(packed, 4, 4), packed.size() - 8);
  std::string plain(1 << 20, '\0');
  auto size = static_cast<uLongf>(plain.size());
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, reinterpret_cast<const Bytef*>(packed.data() + 8),
                       packed.size() - 8),
            Z_OK);
  plain.resize(size);
  EXPECT_EQ(be(plain, 0, 4) & ~std::uint64_t{0xf0}, 0x1c849303U);
  EXPECT_EQ(be(plain, 4, 4), plain.size() - 40);
  EXPECT_EQ(be(plain, 8, 4), 0U);   // index offset
  EXPECT_EQ(be(plain, 12, 4), 3U);  // digits
  EXPECT_EQ(be(plain, 16, 8), 1U);  // lowest value
  EXPECT_EQ(be(plain, 32, 8), 0x3ff0000000000000U);
  Decoded decoded;
  decoded.highest_trackable = be(plain, 24, 8);
  std::uint64_t index = 0;
  for (std::size_t at = 40; at < plain.size();) {
    const std::int64_t count = take_zigzag(plain, at);
    if (count <= 0) {
      index += count == 0 ? 1 : static_cast<std::uint64_t>(-count);
      continue;
    }
    decoded.values.emplace_back(lowest_of(index++), static_cast<std::uint64_t>(count));
    decoded.count += static_cast<std::uint64_t>(count);
  }
  return decoded;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string last_field(const std::string& line) { return line.substr(line.rfind(',') + 1); }

RunResult run_with_intervals() {
  RunResult result = test::sample_run();
  const auto interval = [](int second, const HistogramSnapshot& latency) {
    return LatencyInterval{std::chrono::seconds(second), std::chrono::seconds(1), SparseHistogram(latency)};
  };
  result.intervals = {interval(0, histogram_of(1'000, [](std::uint64_t i) { return ms(1) + i * 1'000; })),
                      interval(1, histogram_of(3, [](std::uint64_t i) { return i; })), interval(2, HistogramSnapshot()),
                      interval(3, histogram_of(2, [](std::uint64_t i) { return i == 0 ? 2'047 : 3'599'000'000'000; }))};
  return result;
}

TEST(HdrLog, HasALineForEachIntervalAndOneForTheTimeFromSent) {
  const auto lines = lines_of(latency_hlog(run_with_intervals()));
  ASSERT_EQ(lines.size(), 9U);
  EXPECT_EQ(lines[1], "#[Histogram log format version 1.3]");
  EXPECT_EQ(lines[2], "#[StartTime: 1767322800.000 (seconds since epoch), 2026-01-02T03:00:00.000000000Z]");
  EXPECT_EQ(lines[3], "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"");
  EXPECT_TRUE(lines[4].starts_with("0.000,1.000,1.999,HISTFA")) << lines[4];
  EXPECT_TRUE(lines[7].starts_with("3.000,1.000,3599000.000,HISTFA")) << lines[7];
  EXPECT_TRUE(lines[8].starts_with("Tag=service,0.000,60.000,50.000,HISTFA")) << lines[8];
}

TEST(HdrLog, CountsComeBack) {
  const auto lines = lines_of(latency_hlog(run_with_intervals()));
  const Decoded many = decode(last_field(lines.at(4)));
  EXPECT_EQ(many.count, 1'000U);
  EXPECT_EQ(many.highest_trackable, Histogram::one_hour_ns);
  EXPECT_LE(many.values.front().first, ms(1));
  EXPECT_GT(many.values.front().first, ms(1) - 1'024);
  EXPECT_LE(many.values.back().first, 1'999'000U);
  EXPECT_EQ(decode(last_field(lines.at(5))).values,
            (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 1}, {1, 1}, {2, 1}}));
  EXPECT_EQ(decode(last_field(lines.at(6))).count, 0U);
  const Decoded wide = decode(last_field(lines.at(7)));
  ASSERT_EQ(wide.values.size(), 2U);
  EXPECT_EQ(wide.values[0].first, 2'047U);
  EXPECT_NEAR(static_cast<double>(wide.values[1].first), 3.599e12, 3.6e9);
  EXPECT_EQ(decode(last_field(lines.at(8))).count, 59'940U);
}

TEST(HdrLog, LargeCountsTakeAllNineBytes) {
  HistogramSnapshot doubled = histogram_of(1, [](std::uint64_t) { return 7; });
  for (int i = 0; i < 61; ++i) doubled += HistogramSnapshot(doubled);
  RunResult result;
  result.load.outcomes.service_latency = doubled;
  EXPECT_EQ(decode(last_field(lines_of(latency_hlog(result)).back())).count, std::uint64_t{1} << 61U);
}

TEST(HdrPercentiles, AreWrittenAsItsToolsReadThem) {
  const std::string text = latency_hgrm(histogram_of(4, [](std::uint64_t i) { return ms(1 + i); }));
  const auto lines = lines_of(text);
  EXPECT_EQ(lines[0], "       Value     Percentile TotalCount 1/(1-Percentile)");
  EXPECT_EQ(lines[1], "");
  EXPECT_EQ(lines[2], "       1.000 0.000000000000          1           1.00");
  EXPECT_EQ(lines[3], "       1.000 0.100000000000          1           1.11");
  EXPECT_EQ(lines[4], "       1.000 0.200000000000          1           1.25");
  EXPECT_EQ(lines[5], "       2.001 0.300000000000          2           1.43");
  EXPECT_EQ(lines[lines.size() - 4].substr(0, 38), "       4.002 1.000000000000          4");
  EXPECT_TRUE(lines[lines.size() - 3].starts_with("#[Mean    =        2.500, StdDeviation   =        1.118]"));
  EXPECT_EQ(lines[lines.size() - 2], "#[Max     =        4.000, Total count    =            4]");
}

TEST(HdrPercentiles, OfNothingHaveNoLines) {
  const auto lines = lines_of(latency_hgrm({}));
  EXPECT_EQ(lines.size(), 5U);
}

// Not a test of its own: leaves files and the truth for hdr_peer_test.py.
TEST(HdrPeer, WritesFiles) {
  const char* const folder = std::getenv("UNDERSTUDY_HDR_PEER_FOLDER");
  if (folder == nullptr) GTEST_SKIP() << "hdr_peer_test.py runs this";
  const RunResult result = run_with_intervals();
  std::ofstream(std::string(folder) + "/latency.hlog") << latency_hlog(result);
  std::ofstream(std::string(folder) + "/latency.hgrm") << latency_hgrm(result.load.outcomes.latency);
  std::ofstream truth(std::string(folder) + "/truth.txt");
  const auto write = [&](const HistogramSnapshot& histogram) {
    truth << histogram.count();
    for (const double q : {0.1, 0.5, 0.9, 0.99, 1.0}) truth << ' ' << histogram.quantile(q);
    truth << '\n';
  };
  for (const LatencyInterval& interval : result.intervals) write(interval.latency.expand());
  write(result.load.outcomes.service_latency);
  write(result.load.outcomes.latency);
}

}  // namespace
}  // namespace understudy
