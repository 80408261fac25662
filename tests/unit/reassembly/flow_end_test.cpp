// How flows end: FIN, RST, forged ones, port reuse, late segments.
#include <gtest/gtest.h>

#include "tests/unit/reassembly/wire.hpp"

namespace understudy {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t fin_ack = tcp_flag::fin | tcp_flag::ack;

TEST(FlowEnd, BothFinsCloseTheFlow) {
  Wire wire;
  wire.handshake().client("GET").server("200").client_fin().server_fin();
  EXPECT_EQ(wire.told().to_server.text, "GET<fin>");
  EXPECT_FALSE(wire.told().end.has_value());
  wire.client_ack();
  EXPECT_EQ(wire.told().to_client.text, "200<fin>");
  EXPECT_EQ(wire.told().end, FlowEnd::closed);
  EXPECT_FALSE(wire.told().state_alive);
  EXPECT_EQ(wire.statistics().flows_open(), 0u);
}

TEST(FlowEnd, AHalfClosedFlowGoesOn) {
  Wire wire;
  wire.handshake().client_fin("GET").server_ack().wait(10s);
  wire.server("200 ").wait(10s).server("OK");
  EXPECT_EQ(wire.told().to_server.text, "GET<fin>");
  EXPECT_EQ(wire.told().to_client.text, "200 OK");
  EXPECT_FALSE(wire.told().end.has_value());
}

TEST(FlowEnd, AFinThatNobodyAcknowledgedIsToldAfterAWhile) {
  Wire wire;
  wire.handshake().client("GET").server("200").server_fin();
  wire.wait(wire.options.close_timeout - 1ms);
  EXPECT_EQ(wire.told().to_client.text, "200");
  wire.wait(2ms);
  EXPECT_EQ(wire.told().to_client.text, "200<fin>");
  EXPECT_FALSE(wire.told().end.has_value());
}

TEST(FlowEnd, AFinOutOfOrderWaits) {
  Wire wire;
  wire.handshake().client_at(3, "def", fin_ack).client_at(0, "abc");
  EXPECT_EQ(wire.told().to_server.text, "abcdef");
  wire.client_lost(7).server_ack();
  EXPECT_EQ(wire.told().to_server.text, "abcdef<fin>");
}

TEST(FlowEnd, ABareFinBeforeTheDataWaits) {
  Wire wire;
  wire.handshake().client_at(6, "", fin_ack).client_at(0, "abcdef").client_lost(7).server_ack();
  EXPECT_EQ(wire.told().to_server.text, "abcdef<fin>");
  EXPECT_EQ(wire.statistics().ends_revoked.value(), 0u);
}

TEST(FlowEnd, RepeatedFinsChangeNothing) {
  Wire wire;
  wire.handshake().client_fin("GET").client_at(0, "GET", fin_ack).client_at(3, "", fin_ack).server_ack();
  wire.client_at(0, "GET", fin_ack).server("200");
  EXPECT_EQ(wire.told().to_server.text, "GET<fin>");
  EXPECT_EQ(wire.told().to_client.text, "200");
}

TEST(FlowEnd, AForgedFinBeforeTheRequestIsRevoked) {
  Wire wire;
  wire.handshake().client_at(0, "", fin_ack).client("GET / HTTP").server("200");
  EXPECT_EQ(wire.told().to_server.text, "GET / HTTP");
  EXPECT_EQ(wire.told().to_client.text, "200");
  EXPECT_EQ(wire.statistics().ends_revoked.value(), 1u);
}

TEST(FlowEnd, DataBehindAConfirmedFinIsIgnored) {
  Wire wire;
  wire.handshake().client_fin("GET").server_ack().client_at(4, "more");
  EXPECT_EQ(wire.told().to_server.text, "GET<fin>");
  EXPECT_EQ(wire.statistics().ignored_after_end.value(), 1u);
}

TEST(FlowEnd, AStreamThatEndedWithoutAByteStaysEnded) {
  Wire wire;
  wire.client("GET").server_fin().wait(wire.options.close_timeout);
  EXPECT_EQ(wire.told().to_client.text, "<fin>");
  wire.server_at(-5, "early");  // would have corrected where the stream begins
  EXPECT_EQ(wire.told().to_client.text, "<fin>");
}

TEST(FlowEnd, ResetEndsBothStreamsWhenNothingContradictsIt) {
  Wire wire;
  wire.handshake().client("GET").server("20").server_rst();
  EXPECT_EQ(wire.told().to_client.text, "20");
  wire.wait(wire.options.close_timeout);
  EXPECT_EQ(wire.told().to_client.text, "20<reset>");
  EXPECT_EQ(wire.told().to_server.text, "GET<reset>");
  EXPECT_EQ(wire.told().end, FlowEnd::closed);
}

TEST(FlowEnd, BytesStoredBeforeAResetAreTold) {
  Wire wire;
  wire.handshake().client_at(3, "def").client_at(0, "abc").client_at(8, "ij").client_lost(10).client_rst();
  wire.wait(wire.options.one_way_gap_timeout + wire.options.close_timeout);
  EXPECT_EQ(wire.told().to_server.text, "abcdef<missing 2>ij<reset>");
}

TEST(FlowEnd, AForgedResetBeforeTheRequestIsRevoked) {
  Wire wire;
  wire.handshake().client_rst().client("GET / HTTP/1.1\r\n").server("200").wait(10s);
  EXPECT_EQ(wire.told().to_server.text, "GET / HTTP/1.1\r\n");
  EXPECT_EQ(wire.told().to_client.text, "200");
  EXPECT_FALSE(wire.told().end.has_value());
  EXPECT_EQ(wire.statistics().ends_revoked.value(), 1u);
}

TEST(FlowEnd, AResetForgedInTheServersNameIsRevokedByItsAnswer) {
  Wire wire;
  wire.handshake().server_rst().client("GET").server_ack().wait(10s).server("200");
  EXPECT_EQ(wire.told().to_server.text, "GET");
  EXPECT_EQ(wire.told().to_client.text, "200");
}

TEST(FlowEnd, AResetWithAnImplausibleNumberIsIgnored) {
  Wire wire;
  wire.handshake().client("GET");
  wire.client_at(-100'000, "", tcp_flag::rst).client_at(100'000'000, "", tcp_flag::rst).wait(10s);
  wire.server("200");
  EXPECT_EQ(wire.told().to_client.text, "200");
  EXPECT_EQ(wire.statistics().ignored_reset.value(), 2u);
}

TEST(FlowEnd, ARefusedConnectionLeavesNothing) {
  Wire wire;
  wire.syn().send(wire.server_side, 0, tcp_flag::rst | tcp_flag::ack, {});
  wire.wait(wire.options.close_timeout);
  EXPECT_EQ(wire.statistics().flows_open(), 0u);
  EXPECT_TRUE(wire.handler.flows().empty());
}

TEST(FlowEnd, LateSegmentsOfAClosedFlowBeginNothing) {
  Wire wire;
  wire.handshake().client_fin("GET").server_fin("200").client_ack();
  EXPECT_EQ(wire.told().end, FlowEnd::closed);
  wire.client_at(0, "GET", fin_ack).server_at(0, "200", fin_ack).client_ack().server_rst().wait(1s).syn();
  wire.client_at(0, "GET", fin_ack);
  EXPECT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.statistics().flows_open(), 0u);
  EXPECT_EQ(wire.statistics().ignored_after_end.value(), 3u);
}

TEST(FlowEnd, AfterTimeWaitTheFlowIsForgotten) {
  Wire wire;
  wire.handshake().client_fin("GET").server_fin("200").client_ack();
  wire.wait(wire.options.time_wait).client("new data in midstream");
  EXPECT_EQ(wire.handler.flows().size(), 2u);
}

TEST(PortReuse, AfterBothClosed) {
  Wire wire;
  wire.handshake().client_fin("one").server_fin("two").client_ack();
  wire.client_isn(5000).server_isn(9000).handshake().client("three").server("four");
  ASSERT_EQ(wire.handler.flows().size(), 2u);
  EXPECT_EQ(wire.told(0).end, FlowEnd::closed);
  EXPECT_EQ(wire.told(1).to_server.text, "three");
  EXPECT_EQ(wire.told(1).to_client.text, "four");
  EXPECT_TRUE(wire.told(1).info.saw_start);
}

TEST(PortReuse, OfAFlowWhoseEndWasNotSeen) {
  Wire wire;
  wire.handshake().client("one").server("two").client_at(5, "stored");
  wire.client_isn(900'000'000).server_isn(800'000'000).syn();
  EXPECT_FALSE(wire.told(0).end.has_value());  // a SYN alone ends nothing
  wire.syn_ack();
  EXPECT_EQ(wire.told(0).end, FlowEnd::port_reused);
  EXPECT_EQ(wire.told(0).to_server.text, "one<missing 2>stored");
  wire.client_ack().client("three").server("four");
  EXPECT_EQ(wire.told(1).to_server.text, "three");
  EXPECT_EQ(wire.told(1).to_client.text, "four");
  EXPECT_TRUE(wire.told(1).info.saw_start);
  EXPECT_EQ(wire.statistics().flows_port_reused.value(), 1u);
}

TEST(PortReuse, SeenFromTheClientsSideAlone) {
  Wire wire;
  wire.syn().client("one");
  wire.client_isn(900'000'000).syn().client("two");
  EXPECT_EQ(wire.told(0).end, FlowEnd::port_reused);
  EXPECT_EQ(wire.told(1).to_server.text, "two");
  EXPECT_TRUE(wire.told(1).info.saw_start);
}

TEST(PortReuse, SeenFromTheServersSideAlone) {
  Wire wire;
  wire.syn_ack().server("one");
  wire.client_isn(900'000'000).server_isn(800'000'000).syn_ack().server("two");
  EXPECT_EQ(wire.told(0).end, FlowEnd::port_reused);
  EXPECT_EQ(wire.told(1).to_client.text, "two");
  EXPECT_TRUE(wire.told(1).info.saw_start);
}

TEST(PortReuse, WithTheOtherSideAsTheClient) {
  Wire wire;
  wire.handshake().client_fin("one").server_fin("two").client_ack();
  std::swap(wire.client_side, wire.server_side);
  wire.client_isn(900'000'000).server_isn(800'000'000).handshake().client("three");
  EXPECT_EQ(wire.told(1).info.client, wire.client_side.endpoint);
  EXPECT_EQ(wire.told(1).to_server.text, "three");
}

TEST(PortReuse, WithDataInTheSyn) {
  Wire wire;
  wire.handshake().client("one").server("two");
  wire.client_isn(900'000'000).server_isn(800'000'000);
  wire.send(wire.client_side, 900'000'000, tcp_flag::syn, "fast").client_lost(4).syn_ack();
  EXPECT_EQ(wire.told(1).to_server.text, "fast");
}

TEST(PortReuse, AForgedSynInALiveFlowIsIgnored) {
  Wire wire;
  wire.handshake().client("one");
  wire.send(wire.client_side, 900'000'000, tcp_flag::syn, {});
  wire.client("two").server("three");
  EXPECT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().to_server.text, "onetwo");
  EXPECT_EQ(wire.statistics().ignored_syn.value(), 1u);
}

TEST(PortReuse, AForgedSynWithTheNextSequenceNumberIsIgnored) {
  Wire wire;
  wire.handshake().client("one");
  wire.send(wire.client_side, wire.client_side.next - 1, tcp_flag::syn, {});
  wire.client("two").server("three");
  EXPECT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().to_server.text, "onetwo");
}

TEST(PortReuse, AFlowWhoseSynWasMissedIsFoundByItsContinuity) {
  Wire wire;
  wire.handshake().client("one").server("two");
  wire.client_isn(900'000'000).server_isn(800'000'000);
  for (int exchange = 0; exchange < 4; ++exchange) {
    wire.client("GET ").server("200 ");
  }
  ASSERT_EQ(wire.handler.flows().size(), 2u);
  EXPECT_EQ(wire.told(0).end, FlowEnd::port_reused);
  EXPECT_FALSE(wire.told(1).info.saw_start);
  EXPECT_EQ(wire.told(1).to_server.text.substr(0, 4), "GET ");
}

TEST(PortReuse, InjectedSegmentsThatNobodyAcknowledgesBeginNothing) {
  Wire wire;
  wire.handshake().client("one").server("two");
  for (int segment = 0; segment < 40; ++segment) {
    wire.client_at(900'000'000 + segment * 8, "injected");
    wire.server_ack();
  }
  wire.client("two");
  EXPECT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().to_server.text, "onetwo");
}

}  // namespace
}  // namespace understudy
