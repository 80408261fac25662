#include "replay/rehearse/observed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

[[nodiscard]] Observation observation() {
  Observation seen;
  seen.duration = std::chrono::seconds(10);
  seen.settings.version_text = "15.18";
  seen.settings.shared_buffers = 16 << 20;
  seen.settings.database_size = 96 << 20;
  seen.totals.device =
      DeviceCounters{.reads = 6190, .read_bytes = 680'000'000, .writes = 400, .write_bytes = 9'000'000};
  StatementCounters counters;
  counters.calls = 60;
  counters.rows = 60;
  counters.blocks_read = 85'000;
  counters.blocks_hit = 5'000;
  counters.execution_ms = 700;
  seen.totals.statements = counters;
  QueryClass item;
  item.key = "abc";
  item.text = "/* job */ SELECT 1 /*traceparent='00-1'*/ ";
  item.counters = counters;
  seen.classes.push_back(item);
  return seen;
}

TEST(RecordedDatabase, FiguresAreASecond) {
  const RecordedDatabase database = recorded_database(observation());
  EXPECT_DOUBLE_EQ(database.values.at(Metric::device_reads), 619);
  EXPECT_DOUBLE_EQ(database.values.at(Metric::device_read_bytes), 68e6);
  EXPECT_DOUBLE_EQ(database.values.at(Metric::blocks_read), 8500);
  EXPECT_DOUBLE_EQ(database.values.at(Metric::blocks_touched), 9000);
  EXPECT_DOUBLE_EQ(database.values.at(Metric::database_time), 70);
  EXPECT_DOUBLE_EQ(database.classes.at(0).values.at(Metric::calls), 6);
}

TEST(RecordedDatabase, WhatNoSourceCountedIsAbsent) {
  Observation seen = observation();
  seen.totals.device.reset();
  const RecordedDatabase database = recorded_database(seen);
  EXPECT_FALSE(database.values.contains(Metric::device_reads));
  EXPECT_FALSE(database.values.contains(Metric::block_read_time));  // track_io_timing is off
  EXPECT_FALSE(database.classes.at(0).values.contains(Metric::device_read_bytes));
}

TEST(RecordedDatabase, CommentsOfOneRequestAreNoPartOfAClass) {
  EXPECT_EQ(recorded_database(observation()).classes.at(0).query, "SELECT 1");
}

TEST(ObservationProblem, ALostServerAndResetCountersAreToldApart) {
  Observation seen = observation();
  EXPECT_EQ(observation_problem(seen), std::nullopt);
  seen.is_complete = false;
  seen.warnings = {"counters were reset"};
  EXPECT_THAT(*observation_problem(seen), HasSubstr("do not cover the run: counters were reset"));
  seen.interrupted = Error{ExitCode::database_unfit, "gone"};
  EXPECT_THAT(*observation_problem(seen), HasSubstr("lost during the run: gone"));
}

}  // namespace
}  // namespace understudy
