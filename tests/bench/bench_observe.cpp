// What observing costs on a request's way: recording into a histogram, counting in the ledger, asking the CPU governor.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "agent/safety/cpu_governor.hpp"
#include "traffic/observe/histogram.hpp"
#include "traffic/observe/ledger.hpp"

namespace understudy {
namespace {

constexpr std::size_t values_count = 4096;  // a power of two: no division in the loop

std::vector<std::uint64_t> delays() {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> distribution(13.0, 1.0);  // nanoseconds around half a millisecond
  std::vector<std::uint64_t> values(values_count);
  for (std::uint64_t& value : values) value = static_cast<std::uint64_t>(distribution(random));
  return values;
}

void record(benchmark::State& state) {
  Histogram histogram(Histogram::one_hour_ns);
  const std::vector<std::uint64_t> values = delays();
  std::size_t i = 0;
  for (auto _ : state) histogram.record(values[i++ & (values_count - 1)]);
}
BENCHMARK(record);

void snapshot_and_p99(benchmark::State& state) {
  Histogram histogram(Histogram::one_hour_ns);
  for (const std::uint64_t value : delays()) histogram.record(value);
  for (auto _ : state) benchmark::DoNotOptimize(histogram.snapshot().quantile(0.99));
}
BENCHMARK(snapshot_and_p99);

void count_seen_and_delivered(benchmark::State& state) {
  LedgerShard shard;
  for (auto _ : state) {
    shard.seen();
    shard.delivered();
  }
}
BENCHMARK(count_seen_and_delivered);

void ask_governor(benchmark::State& state) {
  const CpuGovernor governor(0.2, std::chrono::seconds(1), {});
  std::uint64_t session = 0;
  for (auto _ : state) benchmark::DoNotOptimize(governor.keeps(++session));
}
BENCHMARK(ask_governor);

}  // namespace
}  // namespace understudy

BENCHMARK_MAIN();
