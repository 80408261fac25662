#include "traffic/pipeline/queued_records.hpp"

#include <gtest/gtest.h>

#include "tests/support/messages.hpp"
#include "traffic/recording/take_record.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace understudy {
namespace {

using test::make_exchange;

TEST(QueuedRecord, ASmallExchangeIsTheBytesOfItsRecord) {
  const CurrentRules rules(compile_rules({}).value());
  const ExchangePtr exchange = make_exchange(test::capture_post("text/plain", "hello"), "");
  RedactedTake view;
  std::string expected;
  TakeExchangePieces pieces;
  pieces.cut(view.of(*exchange, rules.get()->recording_redactor()));
  pieces.append_to(expected);
  RecordMaker maker(rules);
  const QueuedRecord made = maker.make(exchange);
  EXPECT_EQ(made.record, expected);
  EXPECT_EQ(made.exchange, nullptr);
  EXPECT_EQ(made.first_byte, exchange->request->first_byte);
  EXPECT_GE(made.memory(), expected.size());
  EXPECT_EQ(exchange.use_count(), 1);
}

TEST(QueuedRecord, ALargeOneIsShared) {
  const CurrentRules rules(compile_rules({}).value());
  const ExchangePtr exchange =
      make_exchange(test::capture_post("text/plain", std::string(RecordMaker::record_size_max, 'x')), "");
  const QueuedRecord made = RecordMaker(rules).make(exchange);
  EXPECT_TRUE(made.record.empty());
  EXPECT_EQ(made.exchange, exchange);
  EXPECT_GE(made.memory(), exchange->memory());
}

TEST(QueuedRecord, ARecordIsRedactedByTheRulesOfItsTime) {
  CurrentRules rules(compile_rules({}).value());
  RecordMaker maker(rules);
  const ExchangePtr exchange = make_exchange(test::capture_get("/a?token=parameter", "Cookie: cookie-secret\r\n"), "");
  const std::string before = maker.make(exchange).record;
  EXPECT_EQ(before.find("cookie-secret"), std::string::npos);
  EXPECT_NE(before.find("token=parameter"), std::string::npos);
  RuleOptions options;
  options.redact = {"param:token"};
  rules.set(compile_rules(options).value());
  const std::string after = maker.make(exchange).record;
  EXPECT_EQ(after.find("cookie-secret"), std::string::npos);
  EXPECT_EQ(after.find("token=parameter"), std::string::npos);
}

}  // namespace
}  // namespace understudy
