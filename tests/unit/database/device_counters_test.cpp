#include "replay/database/device_counters.hpp"

#include <gtest/gtest.h>

#include "replay/database/server_host.hpp"

namespace understudy {
namespace {

constexpr std::string_view diskstats =
    "   7       0 loop0 10 2 80 5 20 3 160 9 0 42 14 0 0 0 0 0 0\n"
    " 259       1 nvme0n1p1 741120 77499 30332970 1030390 614286 630596 176717144 980749 0 210128 2108931\n"
    " 254       0 vda bad\n";

TEST(DeviceCounters, ReadsOneDeviceOfDiskstats) {
  const auto loop = parse_diskstats(diskstats, 7, 0);
  ASSERT_TRUE(loop);
  EXPECT_EQ(*loop, (DeviceCounters{10, 2, 80 * 512, 20, 160 * 512, 42}));
  const auto partition = parse_diskstats(diskstats, 259, 1);  // an older kernel's line is shorter
  ASSERT_TRUE(partition);
  EXPECT_EQ(partition->read_bytes, std::uint64_t{30332970} * 512);
}

TEST(DeviceCounters, GivesNothingForAnotherOrABrokenLine) {
  EXPECT_FALSE(parse_diskstats(diskstats, 7, 1));
  EXPECT_FALSE(parse_diskstats(diskstats, 254, 0));
  EXPECT_FALSE(parse_diskstats("", 7, 0));
  EXPECT_FALSE(parse_diskstats("7 0", 7, 0));
}

TEST(DeviceCounters, SubtractsFieldByField) {
  EXPECT_EQ((DeviceCounters{10, 9, 8, 7, 6, 5} - DeviceCounters{1, 2, 3, 4, 5, 5}), (DeviceCounters{9, 7, 5, 3, 1, 0}));
}

TEST(ProcessIo, ReadsBytes) {
  const auto io = parse_process_io("rchar: 6976\nwchar: 1\nsyscr: 10\nread_bytes: 4096\nwrite_bytes: 8192\n");
  ASSERT_TRUE(io);
  EXPECT_EQ(io->read_bytes, 4096U);
  EXPECT_EQ(io->write_bytes, 8192U);
  EXPECT_FALSE(parse_process_io("read_bytes: 4096\n"));
  EXPECT_FALSE(parse_process_io("read_bytes: -1\nwrite_bytes: 1\n"));
}

TEST(ProcessIo, FindsTheParentBehindAnyName) {
  EXPECT_EQ(parse_parent_pid("42 (postgres) S 7 42 42 0"), 7);
  EXPECT_EQ(parse_parent_pid("42 (a) R 9 (b) S 7 42"), 7);
  EXPECT_FALSE(parse_parent_pid("42 postgres S 7"));
  EXPECT_FALSE(parse_parent_pid("42 (postgres)"));
}

TEST(CgroupIo, SumsDevicesOrTakesOne) {
  constexpr std::string_view text =
      "259:0 rbytes=1000 wbytes=200 rios=10 wios=2 dbytes=0 dios=0\n"
      "7:3 rbytes=1 wbytes=2 rios=3 wios=4\n"
      "8:0 \n";
  const auto all = parse_cgroup_io(text, nullptr);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->read_bytes, 1001U);
  EXPECT_EQ(all->writes, 6U);
  const BlockDevice loop{7, 3, "loop3"};
  EXPECT_EQ(parse_cgroup_io(text, &loop)->reads, 3U);
  const BlockDevice other{7, 4, "loop4"};
  EXPECT_FALSE(parse_cgroup_io(text, &other));
  EXPECT_FALSE(parse_cgroup_io("", nullptr));
}

TEST(ServerHost, LeavesOutWhatIsMissingAtEitherEnd) {
  HostCounters before, after;
  before.process_io = ProcessIo{10, 10};
  after.process_io = ProcessIo{30, 15};
  after.device = DeviceCounters{};
  const HostCounters between = after - before;
  ASSERT_TRUE(between.process_io);
  EXPECT_EQ(between.process_io->read_bytes, 20U);
  EXPECT_FALSE(between.device);
  before.process_io = ProcessIo{40, 10};  // a child ended unseen
  EXPECT_FALSE((after - before).process_io);
}

TEST(ServerHost, ReportsAServerThatIsElsewhere) {
  SourceReports sources = unasked_sources();
  const auto host = ServerHost::find("auto", false, 1, sources);
  ASSERT_TRUE(host);
  EXPECT_FALSE(host->device());
  EXPECT_EQ(sources.at(static_cast<std::size_t>(CounterSource::device)).state, SourceState::missing);
  // The first process of a host is never a server's backend.
  const auto other = ServerHost::find("auto", true, 1, sources);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->process());
  const auto wrong = ServerHost::find("/no/such/device", false, 1, sources);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ExitCode::database_unfit);
}

TEST(CounterSource, HasNameKeyAndWorthForEach) {
  for (const SourceReport& report : unasked_sources()) {
    EXPECT_FALSE(name_of(report.source).empty());
    EXPECT_FALSE(key_of(report.source).empty());
    EXPECT_TRUE(worth_of(report.source).ends_with(".")) << worth_of(report.source);
  }
  EXPECT_EQ(unasked_sources().size(), counter_source_count);
}

}  // namespace
}  // namespace understudy
