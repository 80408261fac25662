#include "replay/database/route_attribution.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

using std::chrono::milliseconds;

const WallTime start{std::chrono::seconds(1'000'000)};

WallTime at(int ms) { return start + milliseconds(ms); }

LoggedStatement statement(int began_ms, int took_ms, std::string text = "SELECT 1") {
  LoggedStatement made;
  made.ended_at = at(began_ms + took_ms);
  made.duration = milliseconds(took_ms);
  made.text = std::move(text);
  return made;
}

TEST(TraceId, IsReadFromCommentsOfSqlcommenter) {
  EXPECT_EQ(
      trace_id_of("SELECT 1 /*action='list',traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01'*/"),
      "5bd66ef5095369c7b0d1f8f4bd33716a");
  EXPECT_EQ(trace_id_of("/* request_id: abc-7 */ SELECT 1", "request_id"), "abc-7");
  EXPECT_EQ(trace_id_of("/* a */ SELECT 1 /* request_id = \"a b\", x=1 */", "request_id"), "a b");
  EXPECT_EQ(trace_id_of("SELECT 1 /*request_id='a%20b%2'*/", "request_id"), "a b%2");
}

TEST(TraceId, IsNothingWhereThereIsNone) {
  EXPECT_FALSE(trace_id_of("SELECT 1"));
  EXPECT_FALSE(trace_id_of("SELECT 1 /* x"));
  EXPECT_FALSE(trace_id_of("SELECT traceparent = '1'"));
  EXPECT_FALSE(trace_id_of("/* my_request_id=1 */ SELECT 1", "request_id"));
  EXPECT_FALSE(trace_id_of("/* request_id */ SELECT 1", "request_id"));
  EXPECT_FALSE(trace_id_of("/* request_id='' */ SELECT 1", "request_id"));
}

TEST(RouteAttributor, TakesTheTraceBeforeTheTime) {
  RouteAttributor attributor({{"GET /a", "one", at(0), at(10)}, {"GET /b", "two", at(100), at(110)}}, "request_id");
  attributor.take(statement(105, 2, "SELECT 1 /*request_id='one'*/"), "k");
  EXPECT_EQ(attributor.result().by_trace, 1U);
  EXPECT_DOUBLE_EQ(attributor.result().routes.at("GET /a").at("k").milliseconds, 2);
}

TEST(RouteAttributor, DividesAStatementBetweenRequestsUnderWay) {
  RouteAttributor attributor({{"GET /b", "", at(50), at(200)}, {"GET /a", "", at(0), at(100)}}, "traceparent");
  attributor.take(statement(10, 4), "k");                                          // only /a
  attributor.take(statement(60, 4), "k");                                          // both
  attributor.take(statement(150, 4), "k");                                         // only /b
  attributor.take(statement(300, 4), "k");                                         // nobody
  attributor.take(statement(60, 4, "SELECT 1 /*traceparent='00-x-y-01'*/"), "k");  // an unknown trace: by time
  const RouteAttribution& result = attributor.result();
  EXPECT_EQ(result.by_trace, 0U);
  EXPECT_EQ(result.by_time, 4U);
  EXPECT_EQ(result.unexplained, 1U);
  EXPECT_DOUBLE_EQ(result.routes.at("GET /a").at("k").statements, 2);
  EXPECT_DOUBLE_EQ(result.routes.at("GET /b").at("k").statements, 2);
  EXPECT_DOUBLE_EQ(result.routes.at("").at("k").milliseconds, 4);
}

}  // namespace
}  // namespace understudy
