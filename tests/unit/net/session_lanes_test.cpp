#include "traffic/net/session_lanes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace understudy {
namespace {

OutboundRequest request(std::uint64_t session, std::uint64_t ticket) {
  OutboundRequest made;
  made.session = session;
  made.ticket = ticket;
  return made;
}

// The only slot with something to do.
std::size_t active_slot(const SessionLanes& lanes) {
  EXPECT_EQ(lanes.active().size(), 1U);
  return lanes.active().front();
}

TEST(SessionLanes, GivesEachSessionASlotOfItsOwnWhileThereAreSome) {
  SessionLanes lanes(3);
  std::set<std::size_t> slots;
  for (std::uint64_t session = 1; session <= 3; ++session) {
    lanes.push(request(session, session));
    const std::size_t slot = active_slot(lanes);
    slots.insert(slot);
    EXPECT_EQ(lanes.take(slot).session, session);  // in flight from now on
  }
  EXPECT_EQ(slots.size(), 3U);
}

TEST(SessionLanes, KeepsASessionOnItsSlotWhileItRests) {
  SessionLanes lanes(3);
  lanes.push(request(7, 1));
  const std::size_t slot = active_slot(lanes);
  static_cast<void>(lanes.take(slot));
  lanes.finished(slot, 7);
  lanes.push(request(8, 2));
  static_cast<void>(lanes.take(active_slot(lanes)));
  lanes.push(request(7, 3));
  EXPECT_EQ(active_slot(lanes), slot);
}

TEST(SessionLanes, TakesTheSlotThatRestedLongest) {
  SessionLanes lanes(2);
  std::map<std::uint64_t, std::size_t> slot_of;
  for (const std::uint64_t session : {1U, 2U}) {
    lanes.push(request(session, 0));
    slot_of[session] = active_slot(lanes);
    static_cast<void>(lanes.take(slot_of[session]));
  }
  lanes.finished(slot_of[2], 2);
  lanes.finished(slot_of[1], 1);
  lanes.push(request(3, 0));
  EXPECT_EQ(active_slot(lanes), slot_of[2]);
}

TEST(SessionLanes, SharesTheSlotWithTheFewestRequestsWhenAllAreBusy) {
  SessionLanes lanes(2);
  lanes.push(request(1, 0));
  const std::size_t busy = active_slot(lanes);
  lanes.push(request(1, 1));
  lanes.push(request(2, 2));
  const std::size_t other = lanes.active().back();
  ASSERT_NE(busy, other);
  lanes.push(request(3, 3));
  EXPECT_EQ(lanes.take(other).session, 2U);
  EXPECT_EQ(lanes.take(other).session, 3U);
}

TEST(SessionLanes, PutsBackInFrontWhatWasNotSent) {
  SessionLanes lanes(1);
  lanes.push(request(1, 10));
  lanes.push(request(1, 11));
  OutboundRequest first = lanes.take(0);
  lanes.push_front(0, std::move(first));
  EXPECT_EQ(lanes.waiting(), 2U);
  EXPECT_EQ(lanes.take(0).ticket, 10U);
  EXPECT_EQ(lanes.take(0).ticket, 11U);
  EXPECT_TRUE(lanes.active().empty());
}

TEST(SessionLanes, ClearsEverythingThatWaits) {
  SessionLanes lanes(2);
  for (std::uint64_t i = 0; i < 10; ++i) lanes.push(request(i, i));
  std::set<std::uint64_t> lost;
  lanes.clear([&](const OutboundRequest& request) { lost.insert(request.ticket); });
  EXPECT_EQ(lost.size(), 10U);
  EXPECT_EQ(lanes.waiting(), 0U);
  lanes.push(request(99, 99));
  EXPECT_EQ(lanes.waiting(), 1U);
}

// Whatever comes in whatever order: a session's requests leave in their order, one at a time, on one slot while any of
// them is under way.
TEST(SessionLanes, KeepsTheOrderOfEverySessionInRandomRuns) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    SessionLanes lanes(1 + random() % 5);
    std::map<std::uint64_t, std::uint64_t> pushed, taken;
    std::map<std::size_t, OutboundRequest> in_flight;
    for (int step = 0; step < 400; ++step) {
      if (random() % 2 == 0) {
        const std::uint64_t session = random() % 200;
        lanes.push(request(session, pushed[session]++));
        continue;
      }
      const auto slots = lanes.active();
      for (const std::size_t slot : slots) {
        if (in_flight.contains(slot)) continue;
        OutboundRequest next = lanes.take(slot);
        ASSERT_EQ(next.ticket, taken[next.session]++) << "seed " << seed;
        for (const auto& [other, flying] : in_flight) ASSERT_NE(flying.session, next.session) << "seed " << seed;
        in_flight.emplace(slot, std::move(next));
        break;
      }
      if (!in_flight.empty() && random() % 2 == 0) {
        const auto done = in_flight.begin();
        lanes.finished(done->first, done->second.session);
        in_flight.erase(done);
      }
    }
  }
}

}  // namespace
}  // namespace understudy
