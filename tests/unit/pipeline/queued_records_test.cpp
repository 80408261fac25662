#include "traffic/pipeline/queued_records.hpp"

#include <gtest/gtest.h>

#include "tests/support/messages.hpp"
#include "traffic/recording/take_record.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace understudy {
namespace {

using test::make_exchange;

bool add(RecordBatch& batch, ExchangePtr exchange) {
  OfferedExchange offered(std::move(exchange));
  return batch.add(offered);
}

TEST(RecordBatch, HoldsTheRecordsOfSmallExchangesOneAfterAnother) {
  const CurrentRules rules(compile_rules({}).value());
  const ExchangePtr first = make_exchange(test::capture_post("text/plain", "hello"), "");
  const auto later = test::capture_get("/later");
  later->first_byte += std::chrono::seconds(3);
  const ExchangePtr second = make_exchange(later, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  RecordBatch batch(rules);
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(add(batch, first));
  EXPECT_TRUE(add(batch, second));
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
  EXPECT_TRUE(add(batch, make_exchange(test::capture_get("/"), "")));
  const ExchangePtr large =
      make_exchange(test::capture_post("text/plain", std::string(RecordBatch::record_size_max, 'x')), "");
  EXPECT_FALSE(add(batch, large));
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
    for (; !batch.full(); ++count) ASSERT_TRUE(add(batch, exchange));
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

TEST(RecordBatch, AResponseWhereItLiesMakesTheSameRecord) {
  struct Case {
    std::string_view response;
    BodyFraming framing;
    bool stays;  // where it lies: nothing of it may be redacted
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Date: x\r\n\r\nhi", BodyFraming::content_length, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", BodyFraming::content_length, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", BodyFraming::none, true},
      {"HTTP/1.1 200 OK\r\nSet-Cookie: secret\r\nContent-Length: 2\r\n\r\nhi", BodyFraming::content_length, false},
  };
  const CurrentRules rules(compile_rules({}).value());
  RecordBatch batch(rules);
  HeadParser parser;
  for (const Case& one : cases) {
    const ExchangePtr whole = make_exchange(test::capture_get("/", "Cookie: secret\r\n"), one.response);
    EXPECT_TRUE(add(batch, whole));
    const QueuedRecords expected = batch.take();
    ASSERT_EQ(parser.parse(MessageKind::response, one.response).status, HeadParser::Status::complete);
    const std::string_view body = one.response.substr(parser.head().bytes.size());
    const MessageInPlace in_place{parser.head(), body, one.framing, whole->response->first_byte,
                                  whole->response->last_byte};
    OfferedExchange offered(whole->request, in_place, parser, nullptr);
    EXPECT_TRUE(batch.add(offered));
    EXPECT_EQ(offered.response_in_place() != nullptr, one.stays) << one.response;
    EXPECT_EQ(batch.take().run().bytes, expected.run().bytes) << one.response;
    EXPECT_EQ(expected.run().bytes.find("secret"), std::string_view::npos);
  }
}

TEST(RecordBatch, RecordsAreRedactedByTheRulesOfTheirTime) {
  CurrentRules rules(compile_rules({}).value());
  RecordBatch batch(rules);
  const ExchangePtr exchange = make_exchange(test::capture_get("/a?token=parameter", "Cookie: cookie-secret\r\n"), "");
  EXPECT_TRUE(add(batch, exchange));
  const QueuedRecords before = batch.take();
  EXPECT_EQ(before.run().bytes.find("cookie-secret"), std::string_view::npos);
  EXPECT_NE(before.run().bytes.find("token=parameter"), std::string_view::npos);
  RuleOptions options;
  options.redact = {"param:token"};
  rules.set(compile_rules(options).value());
  EXPECT_TRUE(add(batch, exchange));
  const QueuedRecords after = batch.take();
  EXPECT_EQ(after.run().bytes.find("cookie-secret"), std::string_view::npos);
  EXPECT_EQ(after.run().bytes.find("token=parameter"), std::string_view::npos);
}

}  // namespace
}  // namespace understudy
