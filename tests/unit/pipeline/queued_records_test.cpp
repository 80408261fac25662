#include "traffic/pipeline/queued_records.hpp"

#include <gtest/gtest.h>

#include "tests/support/messages.hpp"
#include "traffic/recording/take_record.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace understudy {
namespace {

using test::make_exchange;

TEST(RecordBatch, HoldsTheRecordsOfSmallExchangesOneAfterAnother) {
  const CurrentRules rules(compile_rules({}).value());
  const ExchangePtr first = make_exchange(test::capture_post("text/plain", "hello"), "");
  const auto later = test::capture_get("/later");
  later->first_byte += std::chrono::seconds(3);
  const ExchangePtr second = make_exchange(later, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  RecordBatch batch(rules);
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.add(*first));
  EXPECT_TRUE(batch.add(*second));
  const QueuedRecords made = batch.take();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(made.exchange, nullptr);
  EXPECT_EQ(made.exchanges(), 2U);
  EXPECT_EQ(made.earliest, first->request->first_byte);
  EXPECT_EQ(made.latest, later->first_byte);
  EXPECT_GE(made.memory(), made.size);
  TakeCursor cursor(made.run().bytes);
  for (const ExchangePtr& exchange : {first, second}) {
    const auto record = next_take_record(cursor);
    ASSERT_TRUE(record);
    TakeExchangeView view;
    ASSERT_TRUE(view.read(record->content));
    EXPECT_EQ(view.exchange().request.head, exchange->request->message.raw_head());
    EXPECT_EQ(view.exchange().request.wire_size, exchange->request->message.body().wire_size());
    EXPECT_EQ(view.exchange().response.has_value(), exchange->response.has_value());
  }
  EXPECT_TRUE(cursor.at_end());
}

TEST(RecordBatch, RefusesALargeExchangeAndKeepsWhatItHas) {
  const CurrentRules rules(compile_rules({}).value());
  RecordBatch batch(rules);
  EXPECT_TRUE(batch.add(*make_exchange(test::capture_get("/"), "")));
  const ExchangePtr large =
      make_exchange(test::capture_post("text/plain", std::string(RecordBatch::record_size_max, 'x')), "");
  EXPECT_FALSE(batch.add(*large));
  EXPECT_EQ(batch.take().exchanges(), 1U);
  QueuedRecords itself;
  itself.exchange = large;
  EXPECT_EQ(itself.exchanges(), 1U);
  EXPECT_GE(itself.memory(), large->memory());
}

TEST(RecordBatch, GrowsUntilItIsFullAndBeginsAnew) {
  const CurrentRules rules(compile_rules({}).value());
  RecordBatch batch(rules);
  const ExchangePtr exchange = make_exchange(test::capture_post("text/plain", std::string(1000, 'x')), "");
  for (int round = 0; round < 3; ++round) {
    std::uint32_t count = 0;
    for (; !batch.full(); ++count) ASSERT_TRUE(batch.add(*exchange));
    const QueuedRecords made = batch.take();
    EXPECT_EQ(made.count, count);
    EXPECT_GE(made.size, RecordBatch::batch_size);
    EXPECT_LT(made.size, RecordBatch::batch_size + RecordBatch::record_size_max);
    TakeCursor cursor(made.run().bytes);
    while (next_take_record(cursor)) --count;
    EXPECT_EQ(count, 0U);
    EXPECT_TRUE(cursor.at_end());
  }
}

TEST(RecordBatch, RecordsAreRedactedByTheRulesOfTheirTime) {
  CurrentRules rules(compile_rules({}).value());
  RecordBatch batch(rules);
  const ExchangePtr exchange = make_exchange(test::capture_get("/a?token=parameter", "Cookie: cookie-secret\r\n"), "");
  EXPECT_TRUE(batch.add(*exchange));
  const QueuedRecords before = batch.take();
  EXPECT_EQ(before.run().bytes.find("cookie-secret"), std::string_view::npos);
  EXPECT_NE(before.run().bytes.find("token=parameter"), std::string_view::npos);
  RuleOptions options;
  options.redact = {"param:token"};
  rules.set(compile_rules(options).value());
  EXPECT_TRUE(batch.add(*exchange));
  const QueuedRecords after = batch.take();
  EXPECT_EQ(after.run().bytes.find("cookie-secret"), std::string_view::npos);
  EXPECT_EQ(after.run().bytes.find("token=parameter"), std::string_view::npos);
}

}  // namespace
}  // namespace understudy
