#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/compare/json_document.hpp"
#include "replay/database/observation.hpp"
#include "tests/unit/database/snapshots.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

Observation full_observation() {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(10);
  add_statement(after, 9'007'199'254'740'993, "SELECT * FROM \x1b[31m\xff reading", called(4, 40, 8));
  (*after.tables)["public.reading"].heap_blocks_read = 40;
  (*after.indexes)["public.reading.pk"].scans = 4;
  after.io = IoCounters{};
  Observation observation = subtract(before, after);
  observation.server = "postgres://app@db.test:5432/orders";
  observation.device = BlockDevice{7, 0, "loop0"};
  observation.totals.device = DeviceCounters{.reads = 6190, .read_bytes = 680'000'000};
  observation.classes[0].plan =
      QueryPlan{"Seq Scan on reading  (cost=0.00..1.00 rows=1 width=1)\n", "Seq Scan on reading", 1.0, true, ""};
  observation.classes[0].logged = LoggedTimes{4, 1, 2, 3, 4, 5};
  observation.samples.push_back(
      {std::chrono::seconds(1), std::chrono::seconds(1), DeviceCounters{.reads = 619}, 40, 1});
  observation.lock_waits.push_back({"k", "", "public.reading", "ShareLock", 3, 1500});
  observation.cloudwatch.push_back({WallTime(std::chrono::seconds(1'700'000'040)), 700.0, {}, {}, {}, 99.5});
  observation.warnings.push_back("Something is doubtful.");
  report_source(observation.sources, CounterSource::pg_stat_kcache, SourceState::missing, "It is not there.");
  report_source(observation.sources, CounterSource::device, SourceState::used);
  return observation;
}

TEST(ObservationJson, IsOneObjectWithEverythingAndItsSource) {
  JsonWriter json;
  write_json(json, full_observation());
  const std::string text = json.take();
  JsonArena arena;
  const auto* value = arena.parse(text);
  ASSERT_NE(value, nullptr) << text;
  const auto& figures = value->at("figures").as_object();
  EXPECT_EQ(figures.at("read_operations").at("source"), "device");
  EXPECT_DOUBLE_EQ(figures.at("read_operations").at("a_second").to_number<double>(), 619);
  EXPECT_TRUE(figures.at("write_bytes").is_object());
  EXPECT_EQ(value->at("sources").as_array().size(), counter_source_count);
  EXPECT_EQ(value->at("classes").at(0).at("query_ids").at(0), "9007199254740993");
  EXPECT_EQ(value->at("classes").at(0).at("plan").at("has_sequential_scan"), true);
  EXPECT_EQ(value->at("samples").at(0).at("device").at("reads"), 619);
  EXPECT_EQ(value->at("totals").at("process_io"), nullptr);
  EXPECT_EQ(value->at("cloudwatch").at(0).at("time"), "2023-11-14T22:14:00.000000000Z");
  EXPECT_EQ(value->at("interrupted"), nullptr);
}

TEST(ObservationJson, OfNothingIsWholeToo) {
  Observation observation;
  observation.interrupted = Error{ExitCode::database_unfit, "gone"};
  JsonWriter json;
  write_json(json, observation);
  const std::string text = json.take();
  JsonArena arena;
  const auto* value = arena.parse(text);
  ASSERT_NE(value, nullptr) << text;
  EXPECT_EQ(value->at("interrupted"), "gone");
  EXPECT_EQ(value->at("figures").at("read_operations"), nullptr);
  EXPECT_EQ(value->at("log"), nullptr);
}

TEST(ObservationText, SaysFiguresSourcesAndTheirWorth) {
  const std::string text = to_text(full_observation(), 10);
  EXPECT_THAT(text, HasSubstr("Disk reads                 619/s  /proc/diskstats"));
  EXPECT_THAT(text, HasSubstr("Disk read bytes"));
  EXPECT_THAT(text, HasSubstr("blocks read (pg_stat_statements), which is not the disk's"));
  EXPECT_THAT(text, HasSubstr("Seq Scan on reading"));
  EXPECT_THAT(text, HasSubstr("missing  pg_stat_kcache                It is not there."));
  EXPECT_THAT(text, HasSubstr("       700.0            -           99.5"));
  EXPECT_THAT(text, HasSubstr("Caution: Something is doubtful."));
  EXPECT_THAT(text, HasSubstr("seen 3 times, 1.5 s at most: k on ShareLock of public.reading"));
  EXPECT_THAT(text, HasSubstr("logged: p50 2 ms, p95 3 ms"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));  // what a server says does not reach the terminal as it is
  EXPECT_THAT(text, HasSubstr("\\u001b[31m"));
}

TEST(ObservationText, OfAnInterruptedOneSaysWhy) {
  Observation observation;
  observation.interrupted = Error{ExitCode::database_unfit, "the server went away"};
  EXPECT_THAT(to_text(observation, 10), HasSubstr("The observation was cut short: the server went away"));
}

}  // namespace
}  // namespace understudy
