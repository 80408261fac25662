// The property that reassembly exists for: whatever segmentation, order, repetition and overlap a conversation took,
// exactly its bytes are told; and where the capture lost some, the gaps cover exactly those.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "agent/reassembly/flow_table.hpp"
#include "tests/support/checking_stream_handler.hpp"
#include "tests/unit/reassembly/conversation.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t first_seed = 20'261'122;
constexpr std::uint64_t cases = 10'000;

// Segments come this far apart, so that an event's time says which segment of the capture told it.
constexpr WallTime start{std::chrono::seconds(1'704'067'200)};
constexpr std::chrono::microseconds interval{100};

std::size_t place_of(WallTime time) { return static_cast<std::size_t>((time - start) / interval); }

void play(const Conversation& conversation, CheckingStreamHandler& handler) {
  ReassemblyOptions options;
  options.server_ports = {80};
  FlowTable table(options, handler);
  WallTime now = start;
  for (const ConversationSegment& each : conversation.captured) {
    TcpSegment segment = conversation.segment(each);
    segment.time = now;
    table.on_segment(segment);
    now += interval;
  }
  table.drain(now);
  EXPECT_EQ(handler.violations(), std::vector<std::string>{});
  EXPECT_EQ(handler.open_flows(), 0u);
  EXPECT_EQ(table.statistics().bytes_buffered(), 0u);
  EXPECT_EQ(table.statistics().flows_open(), 0u);
}

TEST(Property, AWholeCaptureGivesExactlyTheBytesThatWereSent) {
  for (std::uint64_t seed = first_seed; seed < first_seed + cases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Conversation conversation(seed, {});
    CheckingStreamHandler handler;
    play(conversation, handler);
    if (conversation.sent[0].empty() && conversation.sent[1].empty()) {
      EXPECT_TRUE(handler.flows().empty());
      continue;
    }
    ASSERT_EQ(handler.flows().size(), 1u);
    const ToldFlow& flow = *handler.flows()[0];
    EXPECT_TRUE(flow.info.saw_start);
    ASSERT_TRUE(flow.to_server.bytes == conversation.sent[0]);
    ASSERT_TRUE(flow.to_client.bytes == conversation.sent[1]);
    for (const ToldStream* stream : {&flow.to_server, &flow.to_client}) {
      ASSERT_EQ(stream->next, stream->bytes.size()) << "a gap was told";
      ASSERT_EQ(stream->end.has_value(), conversation.closed);
    }
    ASSERT_EQ(flow.end, conversation.closed ? FlowEnd::closed : FlowEnd::drained);
  }
}

// What the capture holds of one side's stream, and when it first came: the segment's place in the capture.
struct Seen {
  static constexpr std::size_t never = static_cast<std::size_t>(-1);
  std::vector<std::size_t> bytes;
  std::vector<bool> truncated;
  bool fin = false;
  bool handshake = false;  // whole: the first byte is known
};

Seen seen_of(const Conversation& conversation, int side) {
  Seen seen;
  seen.bytes.resize(conversation.sent[static_cast<std::size_t>(side)].size(), Seen::never);
  seen.truncated.resize(seen.bytes.size());
  seen.handshake = std::count_if(conversation.captured.begin(), conversation.captured.end(),
                                 [](const auto& each) { return (each.flags & tcp_flag::syn) != 0; }) == 2;
  for (std::size_t place = 0; place < conversation.captured.size(); ++place) {
    const ConversationSegment& each = conversation.captured[place];
    if (each.side != side) {
      continue;
    }
    seen.fin |= (each.flags & tcp_flag::fin) != 0;
    if ((each.flags & tcp_flag::syn) != 0) {
      continue;  // counts only if it was acknowledged; if so, the bytes are told, else they are sent again
    }
    if (!seen.handshake && each.payload.size() == 1 && each.missing == 0) {
      continue;  // where a stream is joined, a single byte may be a keep-alive probe, and count or not
    }
    const auto begin = static_cast<std::size_t>(each.offset);
    for (std::size_t at = begin; at < begin + each.payload.size(); ++at) {
      seen.bytes[at] = std::min(seen.bytes[at], place);
    }
    for (std::size_t at = begin + each.payload.size(); at < begin + each.payload.size() + each.missing; ++at) {
      seen.truncated[at] = true;
    }
  }
  return seen;
}

bool has_syn_data(const Conversation& conversation) {
  return !conversation.captured.empty() && (conversation.captured[0].flags & tcp_flag::syn) != 0 &&
         (!conversation.captured[0].payload.empty() || conversation.captured[0].missing != 0);
}

// Says what is wrong with what was told, if the told offset 0 is the stream's byte `origin`; empty if nothing is.
std::string mistake(const ToldStream& told, const std::string& sent, const Seen& seen, std::size_t origin,
                    bool syn_data) {
  std::size_t from = 0;
  std::size_t at = origin;
  for (const ToldStream::Piece& piece : told.pieces) {
    const std::size_t end = at + piece.length;
    if (!piece.gap.has_value()) {
      if (end > sent.size() || sent.compare(at, piece.length, told.bytes, from, piece.length) != 0) {
        return "invented or misplaced bytes";
      }
      from += piece.length;
    } else {
      // A lost FIN cannot be told from a lost byte.
      const std::size_t slack = !seen.fin && piece.gap == GapCause::missing ? 1 : 0;
      if (end > sent.size() + slack) {
        return "a gap beyond the end";
      }
      for (std::size_t hole = at; hole < std::min(end, sent.size()); ++hole) {
        // What comes after its gap was told is too late, by more than the slack (gap_test.cpp holds that).
        if (piece.gap == GapCause::missing ? seen.bytes[hole] <= place_of(piece.time)
                                           : !seen.truncated[hole] && !syn_data) {
          return "a gap where the bytes were captured";
        }
      }
    }
    at = end;
  }
  for (std::size_t rest = at; rest < sent.size(); ++rest) {
    if (seen.bytes[rest] != Seen::never) {
      return "captured bytes were not told";
    }
  }
  return {};
}

std::string check_losses(const Conversation& conversation, const ToldFlow& flow, int side) {
  const std::string& sent = conversation.sent[static_cast<std::size_t>(side)];
  const ToldStream& told = side == 0 ? flow.to_server : flow.to_client;
  const Seen seen = seen_of(conversation, side);
  // Without the whole handshake the stream was joined wherever it was first seen.
  const std::size_t last_origin = seen.handshake ? 0 : sent.size();
  std::string first_mistake;
  for (std::size_t origin = 0; origin <= last_origin; ++origin) {
    const std::string found = mistake(told, sent, seen, origin, has_syn_data(conversation));
    if (found.empty()) {
      return {};
    }
    if (origin == 0) {
      first_mistake = found;
    }
  }
  return first_mistake;
}

TEST(Property, ALossyCaptureGivesABytewiseTrueAccount) {
  std::uint64_t gaps = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + cases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Conversation conversation(seed, {.losses = true});
    CheckingStreamHandler handler;
    play(conversation, handler);
    ASSERT_LE(handler.flows().size(), 1u);
    for (const auto& flow : handler.flows()) {
      ASSERT_EQ(check_losses(conversation, *flow, 0), "") << "to the server: " << flow->to_server.pieces.size();
      ASSERT_EQ(check_losses(conversation, *flow, 1), "") << "to the client: " << flow->to_client.pieces.size();
      for (const ToldStream* stream : {&flow->to_server, &flow->to_client}) {
        gaps += stream->next != stream->bytes.size() ? 1u : 0u;
      }
    }
  }
  EXPECT_GT(gaps, cases / 3);  // the cases are worth their name
}

}  // namespace
}  // namespace understudy
