#include "replay/database/observation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/database/observation_parts.hpp"
#include "tests/unit/database/snapshots.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* newest = "SELECT * FROM reading WHERE a = $1 AND b = $2 ORDER BY id DESC LIMIT $3";
constexpr const char* newest_migrated =
    "SELECT * FROM reading WHERE b = $2::uuid AND a = $1::int ORDER BY id DESC LIMIT $3";
constexpr const char* insert = "INSERT INTO reading (a, b) VALUES ($1, $2)";

TEST(Subtract, MakesOneClassOfStatementsThatAreOneQuery) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  add_statement(before, 1, newest, called(100, 1000, 10));
  add_statement(after, 1, newest, called(110, 1900, 20));
  add_statement(after, 2, newest_migrated, called(5, 0, 1));
  add_statement(after, 3, insert, called(4, 100, 100));
  add_statement(before, 4, "SELECT 1", called(7, 7));  // not called in the run
  add_statement(after, 4, "SELECT 1", called(7, 7));
  const Observation observation = subtract(before, after);
  EXPECT_TRUE(observation.is_complete);
  EXPECT_THAT(observation.warnings, IsEmpty());
  EXPECT_DOUBLE_EQ(observation.seconds(), 20);
  ASSERT_EQ(observation.classes.size(), 2U);
  const QueryClass& top = observation.classes[0];
  EXPECT_EQ(top.counters.calls, 15);
  EXPECT_EQ(top.counters.rows, 30);
  EXPECT_EQ(top.counters.blocks_read, 900);
  EXPECT_EQ(top.kind, "SELECT");
  EXPECT_EQ(top.text, newest);
  EXPECT_THAT(top.query_ids, ElementsAre(1, 2));
  EXPECT_DOUBLE_EQ(top.read_share, 0.9);
  EXPECT_EQ(observation.find_class(top.key), &top);
  EXPECT_EQ(observation.find_class("x"), nullptr);
  EXPECT_EQ(observation.totals.statements->calls, 19);
  EXPECT_EQ(observation.share_source, CounterSource::pg_stat_statements);
  EXPECT_DOUBLE_EQ(observation.blocks_read()->value, 1000);
}

TEST(Subtract, SharesByDeviceBytesWhereTheyAreKnown) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  StatementCounters cached = called(10, 900), uncached = called(1, 100);
  cached.device_read_bytes = 0;
  uncached.device_read_bytes = 8192;
  add_statement(after, 1, newest, cached);
  add_statement(after, 2, insert, uncached);
  const Observation observation = subtract(before, after);
  EXPECT_EQ(observation.share_source, CounterSource::pg_stat_kcache);
  EXPECT_EQ(observation.classes[0].kind, "INSERT");
  EXPECT_DOUBLE_EQ(observation.classes[0].read_share, 1);
  EXPECT_EQ(observation.read_bytes()->source, CounterSource::pg_stat_kcache);
}

TEST(Subtract, KeepsWhatDoesNotParseByItsQueryId) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  add_statement(after, -5, "SELECT new syntax FROM (", called(1, 1));
  after.statements->rows[{6, 10, true}] = called(1, 0);  // its text could not be read
  const Observation observation = subtract(before, after);
  ASSERT_EQ(observation.classes.size(), 2U);
  EXPECT_EQ(observation.classes[0].key, "queryid:-5");
  EXPECT_EQ(observation.classes[1].key, "queryid:6");
}

TEST(Subtract, ALimitOfClassesKeepsTheTotal) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  add_statement(after, 1, newest, called(1, 5));
  add_statement(after, 2, insert, called(1, 7));
  const Observation observation = subtract(before, after, 1);
  ASSERT_EQ(observation.classes.size(), 1U);
  EXPECT_EQ(observation.classes[0].kind, "INSERT");
  EXPECT_EQ(observation.totals.statements->blocks_read, 12);
  EXPECT_THAT(observation.warnings, ElementsAre(HasSubstr("only the 1 with most reads")));
}

struct Damage {
  const char* name;
  void (*apply)(DatabaseSnapshot&);
  const char* warning;
};

class Damaged : public testing::TestWithParam<Damage> {};

TEST_P(Damaged, IsNoticedAndSaid) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  add_statement(before, 1, newest, called(100, 1000));
  before.database->commits = 50;
  add_statement(after, 1, newest, called(110, 1900));
  after.database->commits = 60;
  ASSERT_TRUE(subtract(before, after).is_complete);
  GetParam().apply(after);
  const Observation observation = subtract(before, after);
  EXPECT_FALSE(observation.is_complete);
  EXPECT_THAT(observation.warnings, testing::Contains(HasSubstr(GetParam().warning)));
}

INSTANTIATE_TEST_SUITE_P(
    Observation, Damaged,
    testing::Values(
        Damage{"restart", [](DatabaseSnapshot& s) { s.started_at = "today"; }, "started anew"},
        Damage{"statements_reset", [](DatabaseSnapshot& s) { s.statements->reset_at = "now"; }, "was reset in the run"},
        Damage{"evicted", [](DatabaseSnapshot& s) { s.statements->evicted = 3; }, "threw statements out 3 times"},
        Damage{"one_statement_reset", [](DatabaseSnapshot& s) { add_statement(s, 1, newest, called(4, 3)); },
               "1 statements of pg_stat_statements were reset"},
        Damage{"database_reset", [](DatabaseSnapshot& s) { s.database->reset_at = "now"; },
               "pg_stat_database was reset"},
        Damage{"database_crash", [](DatabaseSnapshot& s) { s.database->commits = 1; }, "pg_stat_database was reset"},
        Damage{"buffers", [](DatabaseSnapshot& s) { s.settings.shared_buffers = 1; }, "shared_buffers changed"}),
    [](const auto& param) { return param.param.name; });

TEST(Subtract, CountsAStatementThatWasResetFromThen) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  add_statement(before, 1, newest, called(100, 1000));
  add_statement(after, 1, newest, called(4, 3));
  EXPECT_EQ(subtract(before, after).totals.statements->calls, 4);
}

TEST(Subtract, LeavesOutWhatIsMissingInstead) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  after.statements.reset();
  before.database.reset();
  after.io = IoCounters{1, 2, 3, 4};
  const Observation observation = subtract(before, after);
  EXPECT_FALSE(observation.totals.statements);
  EXPECT_FALSE(observation.totals.database);
  EXPECT_FALSE(observation.totals.io);
  EXPECT_FALSE(observation.blocks_read());
  EXPECT_FALSE(observation.read_operations());
  EXPECT_FALSE(observation.read_bytes());
}

TEST(Subtract, KeepsRelationsThatChanged) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  (*before.tables)["public.same"].heap_blocks_read = 5;
  (*after.tables)["public.same"].heap_blocks_read = 5;
  (*before.tables)["public.read"].heap_blocks_read = 5;
  (*after.tables)["public.read"].heap_blocks_read = 9;
  (*after.indexes)["public.read.new"].scans = 2;
  const Observation observation = subtract(before, after);
  ASSERT_EQ(observation.tables.size(), 1U);
  EXPECT_EQ(observation.tables.at("public.read").heap_blocks_read, 4);
  EXPECT_EQ(observation.indexes.at("public.read.new").scans, 2);
}

TEST(Figures, TakeTheBestSource) {
  Observation observation;
  observation.duration = std::chrono::seconds(120);
  observation.cloudwatch = {{{}, 100.0, {}, {}, {}, {}}, {{}, 300.0, {}, {}, {}, {}}};
  EXPECT_DOUBLE_EQ(observation.read_operations()->value, 200 * 120);
  EXPECT_EQ(observation.read_operations()->source, CounterSource::cloudwatch);
  EXPECT_FALSE(observation.write_operations());
  observation.totals.cgroup_io = DeviceCounters{.reads = 7, .read_bytes = 70};
  EXPECT_EQ(observation.read_operations()->source, CounterSource::cgroup_io);
  observation.totals.process_io = ProcessIo{60, 6};
  EXPECT_EQ(observation.read_bytes()->source, CounterSource::process_io);
  observation.totals.device = DeviceCounters{.reads = 8, .read_bytes = 80, .writes = 1, .write_bytes = 9};
  EXPECT_DOUBLE_EQ(observation.read_operations()->value, 8);
  EXPECT_DOUBLE_EQ(observation.read_bytes()->value, 80);
  EXPECT_DOUBLE_EQ(observation.write_bytes()->value, 9);
  EXPECT_EQ(observation.write_operations()->source, CounterSource::device);
}

TEST(Device, IsSaidToBeSharedWhenTheServerReadLess) {
  Observation observation;
  observation.device = BlockDevice{7, 0, "loop0"};
  observation.totals.device = DeviceCounters{.read_bytes = 100U << 20U};
  observation.totals.process_io = ProcessIo{90U << 20U, 0};
  check_device_is_private(observation);
  EXPECT_THAT(observation.warnings, IsEmpty());
  observation.totals.process_io = ProcessIo{60U << 20U, 0};
  check_device_is_private(observation);
  EXPECT_THAT(observation.warnings, ElementsAre(HasSubstr("something else uses the device")));
}

TEST(ChangedStatements, AreThoseThatWereCalled) {
  DatabaseSnapshot before = empty_snapshot(0), after = empty_snapshot(20);
  add_statement(before, 1, newest, called(1, 0));
  add_statement(after, 1, newest, called(1, 0));
  add_statement(before, 2, insert, called(1, 0));
  add_statement(after, 2, insert, called(2, 0));
  add_statement(after, 2, insert, called(2, 0), 11);
  add_statement(after, 3, "SELECT 1", called(1, 0));
  EXPECT_THAT(changed_statements(before.statements, *after.statements), ElementsAre(2, 3));
  EXPECT_THAT(changed_statements(std::nullopt, *after.statements), ElementsAre(1, 2, 3));
}

TEST(Settings, RelateDataToCache) {
  DatabaseSettings settings;
  EXPECT_EQ(settings.cache_ratio(), 0);
  settings.database_size = 256U << 20U;
  settings.shared_buffers = 16U << 20U;
  EXPECT_DOUBLE_EQ(settings.cache_ratio(), 16);
}

}  // namespace
}  // namespace understudy
