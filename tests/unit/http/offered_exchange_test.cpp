#include "traffic/http/offered_exchange.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/messages.hpp"

namespace understudy {
namespace {

Exchange exchange_with(std::string_view response) {
  Exchange exchange;
  exchange.request = test::capture_get("/");
  exchange.response.emplace().message = test::read_response(response);
  return exchange;
}

HeadParser parser;
const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + std::string(4000, 'x');

TEST(OfferedExchange, IsCountedInThePoolOnlyWhileSomebodyKeepsIt) {
  MemoryPool pool(100'000);
  Exchange exchange = exchange_with(text);
  const std::size_t memory = exchange.response->message.memory();
  OfferedExchange offered(exchange, parser, &pool);
  EXPECT_EQ(offered->response->message.status(), 200);
  EXPECT_EQ(pool.used(), 0U);
  ExchangePtr kept = offered.share();
  EXPECT_EQ(offered.share(), kept);
  EXPECT_EQ(pool.used(), memory);
  EXPECT_EQ(kept->response->message.body().content_size(), 4000U);
  EXPECT_FALSE(offered.has_dropped_response());
  kept.reset();
  EXPECT_EQ(pool.used(), memory);  // it is offered still
}

TEST(OfferedExchange, AResponseThatIsCountedAlreadyIsNotCountedTwice) {
  MemoryPool pool(100'000);
  Exchange exchange = exchange_with(text);
  exchange.response->lease = MemoryLease::take(&pool, 5000).value();
  {
    OfferedExchange offered(exchange, parser, &pool);
    EXPECT_NE(offered.share(), nullptr);
    EXPECT_EQ(pool.used(), 5000U);
  }
  EXPECT_EQ(pool.used(), 0U);
}

TEST(OfferedExchange, AResponseIsCopiedFromWhereItLiesWhenItIsAskedFor) {
  MemoryPool pool(100'000);
  for (const bool is_kept : {false, true}) {
    ASSERT_EQ(parser.parse(MessageKind::response, text).status, HeadParser::Status::complete);
    const auto body = std::string_view(text).substr(parser.head().bytes.size());
    const WallTime time{std::chrono::seconds(5)};
    const MessageInPlace in_place{parser.head(), body, BodyFraming::content_length, time, time};
    OfferedExchange offered(test::capture_get("/x"), in_place, parser, &pool);
    EXPECT_EQ(offered.request().message.target(), "/x");
    EXPECT_EQ(offered.response_in_place(), &in_place);
    const Exchange& whole = is_kept ? *offered.share() : *offered;
    EXPECT_EQ(offered.response_in_place(), nullptr);
    EXPECT_EQ(whole.request->message.target(), "/x");
    EXPECT_EQ(whole.response->message.raw_head(), parser.head().bytes);
    EXPECT_EQ(whole.response->message.body().content(), body);
    EXPECT_EQ(whole.response->message.framing(), BodyFraming::content_length);
    EXPECT_EQ(whole.response->first_byte, time);
    EXPECT_TRUE(whole.response->complete);
    EXPECT_EQ(pool.used() > 0, is_kept);
  }
  EXPECT_EQ(pool.used(), 0U);
}

TEST(OfferedExchange, AResponseThatThePoolHasNoRoomForIsDropped) {
  MemoryPool pool(4000);
  Exchange exchange = exchange_with(text);
  OfferedExchange offered(exchange, parser, &pool);
  EXPECT_FALSE(offered.share()->response);
  EXPECT_EQ(offered.share()->request->message.target(), "/");
  EXPECT_TRUE(offered.has_dropped_response());
  EXPECT_EQ(pool.used(), 0U);
}

TEST(OfferedExchange, WithoutAPoolNothingBoundsIt) {
  Exchange exchange = exchange_with(text);
  OfferedExchange offered(exchange, parser, nullptr);
  EXPECT_TRUE(offered.share()->response);
  EXPECT_FALSE(offered.has_dropped_response());
}

}  // namespace
}  // namespace understudy
