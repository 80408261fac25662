// Rehearsals made up of random runs, for tests of the verdict.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "replay/verdict/verdict.hpp"

namespace understudy::verdict_test {

struct MadeUpClass {
  std::string id;
  double blocks = 100;  // a second, of the baseline
  double effect = 1;    // of the candidate
};

struct MadeUp {
  std::size_t pairs = 8;
  std::size_t noise_pairs = 2;
  double noise = 0.05;  // standard deviation of a run's logarithm
  double effect = 1;    // on everything but classes
  std::vector<MadeUpClass> classes = {{"select", 8000, 1}, {"insert", 50, 1}, {"update", 200, 1}};
};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] MeasuredRun run(const MadeUp& what, RunSide side) {
    const bool changed = side == RunSide::candidate;
    const auto noisy = [&](double value) { return value * std::exp(what.noise * normal_(random_)); };
    const double effect = changed ? what.effect : 1;
    MeasuredRun run;
    run.side = side;
    run.duration_seconds = 20;
    run.target_rate = 50;
    run.achieved_rate = 49.9;
    run.planned = run.answered = 1000;
    run.data_cache_ratio = 6;
    run.total.requests = 1000;
    double blocks = 0;
    for (const MadeUpClass& item : what.classes) {
      MeasuredClass measured{item.id, "query " + item.id, {}};
      const double own = noisy(item.blocks * (changed ? item.effect : 1));
      measured.measured.values = {{Metric::blocks_read, own}, {Metric::database_time, noisy(own / 10)}};
      run.classes.push_back(measured);
      blocks += own;
    }
    run.total.values = {{Metric::device_reads, noisy(600 * effect)},
                        {Metric::blocks_read, blocks * effect},
                        {Metric::database_time, noisy(900 * effect)},
                        {Metric::latency_p95, noisy(80 * effect)},
                        {Metric::errors, 0}};
    MeasuredRoute route{"GET /events/{id}", {}};
    route.measured.requests = 1000;
    route.measured.values = {{Metric::latency_p95, noisy(80 * effect)}, {Metric::errors, 0}};
    run.routes.push_back(route);
    return run;
  }

  [[nodiscard]] VerdictInput rehearsal(const MadeUp& what) {
    VerdictInput input;
    input.production_data_cache_ratio = 6;
    for (std::size_t i = 1; i <= what.noise_pairs; ++i) {
      input.noise_pairs.push_back({i, run(what, RunSide::baseline), run(what, RunSide::baseline)});
    }
    for (std::size_t i = 1; i <= what.pairs; ++i) {
      input.pairs.push_back({i, run(what, RunSide::baseline), run(what, RunSide::candidate)});
    }
    return input;
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

}  // namespace understudy::verdict_test
