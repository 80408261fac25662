#include "agent/check/self_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

constexpr Nanoseconds waited = std::chrono::seconds(30);

CheckReport judged(const SelfTestSample& sample) { return {judge_self_test(sample, {8080}, waited)}; }

SelfTestSample answered() {
  SelfTestSample sample;
  sample.listens = true;
  sample.answered = true;
  sample.probed = "127.0.0.1:8080";
  return sample;
}

TEST(SelfTest, AProbeThatWasSeenIsSuccess) {
  SelfTestSample sample = answered();
  sample.probes_seen = 1;
  sample.requests_seen = 1;
  sample.packets_seen = 10;
  const CheckReport report = judged(sample);
  EXPECT_TRUE(report.would_work());
  for (const CheckItem& item : report.items) EXPECT_EQ(item.status, CheckStatus::ok) << item.name;
  EXPECT_EQ(reasons_of(report), "");
}

TEST(SelfTest, AProbeThatNobodySawIsAFailureWithTheReason) {
  const CheckReport report = judged(answered());
  EXPECT_FALSE(report.would_work());
  EXPECT_THAT(reasons_of(report), HasSubstr("did not see the probe"));
  EXPECT_THAT(reasons_of(report), HasSubstr("'interface'"));
}

TEST(SelfTest, PacketsWithoutARequestAreAFailure) {
  SelfTestSample sample = answered();
  sample.packets_seen = 7;
  EXPECT_FALSE(judged(sample).would_work());
  EXPECT_THAT(reasons_of(judged(sample)), HasSubstr("no request begins"));
}

TEST(SelfTest, RequestsOfOthersSufficeWhereTheProbeCannotBeSeen) {
  SelfTestSample sample = answered();
  sample.requests_seen = 3;
  sample.packets_seen = 30;
  const CheckReport report = judged(sample);
  EXPECT_TRUE(report.would_work());
  EXPECT_EQ(report.items[1].status, CheckStatus::warning);
}

TEST(SelfTest, AServiceThatIsNotThereIsAFailure) {
  SelfTestSample sample;
  EXPECT_THAT(reasons_of(judged(sample)), HasSubstr("nothing listened on port 8080 for 30 s"));
  sample.listens = true;
  sample.probed = "127.0.0.1:8080";
  sample.probe_failure = "connection refused";
  EXPECT_THAT(reasons_of(judged(sample)), HasSubstr("127.0.0.1:8080 did not answer the probe: connection refused"));
}

TEST(SelfTest, AValueIsFoundByItsWholeName) {
  const std::string metrics =
      "# TYPE understudy_requests_seen_total counter\nunderstudy_requests_seen_total 12\n"
      "understudy_requests_filtered_total{reason=\"self_traffic\"} 3\nunderstudy_keep_share 0.5\n";
  EXPECT_EQ(metric_value(metrics, "understudy_requests_seen_total"), 12U);
  EXPECT_EQ(metric_value(metrics, R"(understudy_requests_filtered_total{reason="self_traffic"})"), 3U);
  EXPECT_EQ(metric_value(metrics, "understudy_requests"), std::nullopt);
  EXPECT_EQ(metric_value(metrics, "understudy_keep_share"), std::nullopt);  // no whole number
  EXPECT_EQ(metric_value("", "x"), std::nullopt);
}

PortSockets listening(const std::vector<const char*>& addresses) {
  PortSockets sockets;
  for (const char* address : addresses) sockets.listening.push_back(*IpAddress::parse(address));
  return sockets;
}

TEST(SelfTest, TheProbeGoesWhereTheServiceListens) {
  EXPECT_EQ(probe_address(listening({}), {}), std::nullopt);
  EXPECT_EQ(probe_address(listening({"0.0.0.0"}), {})->to_string(), "127.0.0.1");
  EXPECT_EQ(probe_address(listening({"::"}), {})->to_string(), "::1");
  EXPECT_EQ(probe_address(listening({"192.0.2.7"}), {})->to_string(), "192.0.2.7");
}

TEST(SelfTest, TheProbeGoesWhereTheCaptureLooks) {
  const std::vector<IpRange> addresses = {*IpRange::parse("192.0.2.7")};
  EXPECT_EQ(probe_address(listening({"0.0.0.0"}), addresses)->to_string(), "192.0.2.7");
  EXPECT_EQ(probe_address(listening({"10.0.0.1", "192.0.2.7"}), addresses)->to_string(), "192.0.2.7");
  EXPECT_EQ(probe_address(listening({"10.0.0.1"}), addresses)->to_string(), "10.0.0.1");
}

}  // namespace
}  // namespace understudy
