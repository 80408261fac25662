#include "replay/source/inspect.hpp"

#include <boost/json.hpp>

#include "replay/source/distinct_count.hpp"
#include "tests/unit/source/source_fixture.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

// Gives what it is given.
class ListSource final : public ExchangeSource {
 public:
  explicit ListSource(std::vector<ExchangePtr> exchanges) : exchanges_(std::move(exchanges)) {}
  [[nodiscard]] Result<ExchangePtr> next() override { return at_ == exchanges_.size() ? nullptr : exchanges_[at_++]; }
  [[nodiscard]] const RecordingReport& report() const override { return told; }

  RecordingReport told;

 private:
  std::vector<ExchangePtr> exchanges_;
  std::size_t at_ = 0;
};

class Inspect : public SourceTest {
 protected:
  [[nodiscard]] Inspection inspect_file(const std::string& name) const {
    auto source = open_recording({path(name)});
    EXPECT_TRUE(source.has_value());
    auto inspection = inspect(**source);
    EXPECT_TRUE(inspection.has_value());
    return std::move(*inspection);
  }
};

TEST_F(Inspect, CountsWhatIsThere) {
  std::vector<ExchangePtr> exchanges;
  for (int i = 0; i < 100; ++i) exchanges.push_back(exchange_at(0.1 * i, "/orders/" + std::to_string(1000 + i)));
  for (int i = 0; i < 20; ++i) exchanges.push_back(exchange_at(10.01 + 0.01 * i, "/health"));
  write_take("a.take", exchanges);
  const Inspection found = inspect_file("a.take");
  EXPECT_EQ(found.report.exchanges, 120U);
  EXPECT_EQ(found.report.completeness, Completeness::complete);
  EXPECT_EQ(found.sessions, 120U);
  EXPECT_TRUE(found.sessions_are_exact);
  EXPECT_EQ(found.duration, std::chrono::milliseconds(10'200));
  EXPECT_NEAR(found.requests_per_second, 120 / 10.2, 0.01);
  EXPECT_EQ(found.peak_second, 20U);
  EXPECT_EQ(test::nanoseconds(*found.peak_at), start + 10 * second);
  ASSERT_EQ(found.methods.size(), 1U);
  EXPECT_EQ(found.methods[0].name, "GET");
  EXPECT_EQ(found.statuses.at(200), 120U);
  EXPECT_EQ(found.responses_missing, 0U);
  ASSERT_EQ(found.routes.size(), 2U);
  EXPECT_EQ(found.routes[0].name, "GET /orders/{id}");
  EXPECT_EQ(found.routes[0].count, 100U);
  EXPECT_EQ(found.routes[1].name, "GET /health");
  EXPECT_EQ(found.response_bodies.messages, 120U);
  EXPECT_EQ(found.response_bodies.bytes, 240U);
  EXPECT_EQ(found.request_bodies.messages, 0U);
  EXPECT_EQ(found.report.servers, std::vector<std::string>{"198.51.100.2:80"});
}

TEST_F(Inspect, TextIsReadInTenSeconds) {
  write_take("a.take", {exchange_at(0, "/a"), exchange_at(90, "/b\xff")});
  const std::string text = to_text(inspect_file("a.take"));
  EXPECT_NE(text.find("completeness   complete"), std::string::npos) << text;
  EXPECT_NE(text.find("2026-01-02T03:04:05.000Z to 2026-01-02T03:05:35.000Z (0h01m30s)"), std::string::npos) << text;
  EXPECT_NE(text.find("2 in 2 sessions"), std::string::npos) << text;
  EXPECT_TRUE(is_utf8(text));
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 25);
}

TEST_F(Inspect, LossesAndDamageAreTold) {
  ListSource source({exchange_at(0, "/a")});
  source.told.format = "take";
  source.told.files = 1;
  source.told.exchanges = 1;
  source.told.completeness = Completeness::incomplete;
  source.told.ledger.emplace();
  source.told.ledger->seen = 1013;
  source.told.ledger->delivered = 1001;
  source.told.ledger->lost[static_cast<std::size_t>(LossReason::gap)] = 12;
  source.told.note_left_out("responses whose request is not in the recording", 3);
  for (int i = 0; i < 200; ++i) source.told.note_damage({"a.take", 4096, 17, "a block whose checksum is wrong"});
  const auto inspection = inspect(source);
  ASSERT_TRUE(inspection.has_value());
  const std::string text = to_text(*inspection);
  EXPECT_NE(text.find("incomplete; 12 of 1,013 requests lost; 200 damaged places"), std::string::npos) << text;
  EXPECT_NE(text.find("gap 12"), std::string::npos) << text;
  EXPECT_NE(text.find("left out       3 responses"), std::string::npos) << text;
  EXPECT_NE(text.find("a.take at 4,096: a block whose checksum is wrong"), std::string::npos) << text;
  EXPECT_NE(text.find("and 195 more"), std::string::npos) << text;
  for (std::size_t line = 0; line < text.size(); line = text.find('\n', line) + 1) {
    EXPECT_LE(text.find('\n', line) - line, 120U);
  }
}

TEST_F(Inspect, JsonHoldsTheSame) {
  write("a.gor", gor_record(0, "/a") + gor_record(1, "/b") + "garbage");
  boost::json::error_code error;
  const boost::json::value json = boost::json::parse(to_json(inspect_file("a.gor")), error);
  ASSERT_FALSE(error) << error.message();
  const boost::json::object& object = json.as_object();
  EXPECT_EQ(object.at("format").as_string(), "gor");
  EXPECT_EQ(object.at("completeness").as_string(), "unknown");
  EXPECT_EQ(object.at("requests").to_number<int>(), 2);
  EXPECT_EQ(object.at("responses_missing").to_number<int>(), 2);
  EXPECT_TRUE(object.at("sessions").is_null());
  EXPECT_TRUE(object.at("ledger").is_null());
  EXPECT_EQ(object.at("first").as_string(), "2026-01-02T03:04:05.000000000Z");
  EXPECT_EQ(object.at("damages").to_number<int>(), 1);
  EXPECT_EQ(object.at("damage").as_array().size(), 1U);
}

TEST_F(Inspect, AnEmptyRecordingIsNoDivisionByZero) {
  ListSource source({});
  const auto inspection = inspect(source);
  ASSERT_TRUE(inspection.has_value());
  EXPECT_EQ(inspection->requests_per_second, 0);
  EXPECT_FALSE(to_text(*inspection).empty());
  boost::json::error_code error;
  static_cast<void>(boost::json::parse(to_json(*inspection), error));
  EXPECT_FALSE(error);
}

TEST_F(Inspect, ManyMethodsAreBounded) {
  std::vector<ExchangePtr> exchanges;
  for (int i = 0; i < 100; ++i) {
    exchanges.push_back(
        test::make_exchange(test::capture_request("M" + std::to_string(i) + " / HTTP/1.1\r\n\r\n"), ""));
  }
  ListSource source(exchanges);
  const auto inspection = inspect(source);
  ASSERT_TRUE(inspection.has_value());
  EXPECT_EQ(inspection->methods.size(), Inspection::methods_max + 1);
  EXPECT_EQ(inspection->methods[0].name, "other");
  EXPECT_EQ(inspection->methods[0].count, 100 - Inspection::methods_max);
}

TEST(DistinctCount, IsExactAndThenClose) {
  DistinctCount count;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    count.add(i * 7);
    count.add(i * 7);
  }
  EXPECT_TRUE(count.is_exact());
  EXPECT_EQ(count.count(), 100'000U);
  for (std::uint64_t i = 0; i < 2'000'000; ++i) count.add(i);
  EXPECT_FALSE(count.is_exact());
  const double expected = 2'000'000;  // the first 100,000 multiples of 7 are among them
  EXPECT_NEAR(static_cast<double>(count.count()), expected, expected * 0.03);
}

}  // namespace
}  // namespace understudy
