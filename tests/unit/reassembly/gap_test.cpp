// When a hole is given up: by what proof, after what slack, and when not.
#include <gtest/gtest.h>

#include "tests/unit/reassembly/wire.hpp"

namespace understudy {
namespace {

using namespace std::chrono_literals;

TEST(Gap, AnAcknowledgedHoleIsToldAfterSoManySegments) {
  Wire wire;
  wire.handshake().client("one").client_lost(3).client("two").server_ack();
  for (std::uint32_t segment = 0; segment + 1 < wire.options.gap_slack_segments; ++segment) {
    wire.server_ack();
    ASSERT_EQ(wire.told().to_server.text, "one") << segment;
  }
  wire.server_ack();
  EXPECT_EQ(wire.told().to_server.text, "one<missing 3>two");
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 1u);
  EXPECT_EQ(wire.statistics().gap_bytes_missing.value(), 3u);
}

TEST(Gap, AnAcknowledgedHoleIsToldAfterSoMuchPacketTime) {
  Wire wire;
  wire.handshake().client("one").client_lost(3).client("two").server_ack();
  wire.wait(wire.options.gap_slack - 1ms);
  EXPECT_EQ(wire.told().to_server.text, "one");
  wire.wait(2ms);
  EXPECT_EQ(wire.told().to_server.text, "one<missing 3>two");
}

TEST(Gap, DataCapturedBehindItsAcknowledgementIsNotLost) {
  Wire wire;
  wire.handshake().client("one").client_lost(3).client("two").server_ack().server("response");
  wire.client_at(3, "XYZ");
  EXPECT_EQ(wire.told().to_server.text, "oneXYZtwo");
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 0u);
}

TEST(Gap, AHoleThatTheReceiverStillAsksForIsNotGivenUp) {
  Wire wire;
  wire.handshake().client("one").server_ack();
  const std::uint32_t asked_for = wire.client_side.next;
  wire.client_at(6, "two").client_at(9, "three");
  for (int repeat = 0; repeat < 100; ++repeat) {
    TcpSegment duplicate;
    duplicate.source = wire.server_side.endpoint;
    duplicate.destination = wire.client_side.endpoint;
    duplicate.sequence = wire.server_side.next;
    duplicate.acknowledgment = asked_for;
    duplicate.flags = tcp_flag::ack;
    wire.raw(duplicate);
  }
  wire.wait(wire.options.one_way_gap_timeout * 3);
  EXPECT_EQ(wire.told().to_server.text, "one");
  wire.client_at(3, "XYZ");  // the retransmission, at last
  EXPECT_EQ(wire.told().to_server.text, "oneXYZtwothree");
}

TEST(Gap, AnAcknowledgementBeyondEverythingSeenLosesNothingThatStillComes) {
  Wire wire;
  wire.handshake().client("request");
  // The peer's acknowledgement runs ahead of the data that was captured, here by 25 bytes.
  wire.server_side.next += 25;
  for (int segment = 0; segment < 50; ++segment) {
    wire.client_ack();
  }
  wire.wait(wire.options.gap_slack * 4);
  wire.server_side.next -= 25;
  wire.server("a response of at least twenty-five bytes");
  EXPECT_EQ(wire.told().to_client.text, "a response of at least twenty-five bytes");
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 0u);
}

TEST(Gap, WhatWasAcknowledgedBeyondTheLastByteIsToldAtTheEnd) {
  Wire wire;
  wire.handshake().client("one").client_lost(10).server("two").server_lost(20).client_ack();
  EXPECT_EQ(wire.told().to_server.text, "one");
  wire.drain();
  EXPECT_EQ(wire.told().to_server.text, "one<missing 10>");
  EXPECT_EQ(wire.told().to_client.text, "two<missing 20>");
}

TEST(Gap, ARequestThatWasNeverSeenIsTold) {
  Wire wire;
  wire.handshake().client_lost(10).server("two").drain();
  EXPECT_EQ(wire.told().to_server.text, "<missing 10>");
  EXPECT_EQ(wire.told().to_client.text, "two");
}

TEST(Gap, OneAcknowledgedByteBeyondTheEndMayBeTheFin) {
  Wire wire;
  wire.handshake().client("one").client_lost(1).server_ack().drain();
  EXPECT_EQ(wire.told().to_server.text, "one");
}

TEST(Gap, SeveralHolesAreToldInTheirPlaces) {
  Wire wire;
  wire.handshake().client_lost(2).client("ab").client_lost(3).client("cd").client_lost(4).client("ef").server_ack();
  wire.wait(wire.options.gap_slack);
  EXPECT_EQ(wire.told().to_server.text, "<missing 2>ab<missing 3>cd<missing 4>ef");
}

TEST(Gap, AHoleBehindWhatWasAcknowledgedStaysOpen) {
  Wire wire;
  wire.handshake().client_lost(2).client("ab").server_ack().client_lost(3).client("cd");
  wire.wait(wire.options.gap_slack);
  EXPECT_EQ(wire.told().to_server.text, "<missing 2>ab");
  wire.client_at(4, "XYZ");
  EXPECT_EQ(wire.told().to_server.text, "<missing 2>abXYZcd");
}

TEST(Gap, InADirectionCapturedAloneTimeProvesIt) {
  Wire wire;
  wire.client("one").client_lost(3).client("two");
  wire.wait(wire.options.one_way_gap_timeout - 1ms);
  EXPECT_EQ(wire.told().to_server.text, "one");
  wire.wait(2ms);
  EXPECT_EQ(wire.told().to_server.text, "one<missing 3>two");
}

TEST(Gap, TheOtherDirectionGoesOnMeanwhile) {
  Wire wire;
  wire.handshake().client("one").client_lost(3).client("two").server("response");
  EXPECT_EQ(wire.told().to_client.text, "response");
  EXPECT_EQ(wire.told().to_server.text, "one");
}

TEST(Gap, AHoleInFrontOfTheFinIsToldBeforeTheEnd) {
  Wire wire;
  wire.handshake().client("one").client_lost(3).client_fin().server_ack();
  wire.wait(wire.options.gap_slack);
  EXPECT_EQ(wire.told().to_server.text, "one<missing 3><fin>");
}

TEST(Gap, AnImplausibleAcknowledgementIsNotBelieved) {
  Wire wire;
  wire.handshake().client("one").client_lost(3).client("two");
  wire.client_side.next += 0x20000000;
  for (int segment = 0; segment < 50; ++segment) {
    wire.server_ack();
  }
  wire.client_side.next -= 0x20000000;
  wire.wait(1s);
  EXPECT_EQ(wire.told().to_server.text, "one");
  EXPECT_EQ(wire.statistics().ignored_acknowledgement.value(), 50u);
}

}  // namespace
}  // namespace understudy
