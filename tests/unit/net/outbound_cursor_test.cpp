#include "traffic/net/outbound_cursor.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

[[nodiscard]] std::string joined(std::span<const boost::asio::const_buffer> buffers) {
  std::string text;
  for (const auto& buffer : buffers) text.append(static_cast<const char*>(buffer.data()), buffer.size());
  return text;
}

// Everything the cursor gives when the socket takes `step` bytes at a time.
[[nodiscard]] std::string written_in_steps(const OutboundRequest& request, std::size_t step) {
  OutboundCursor cursor;
  cursor.begin(request);
  std::string all;
  while (!cursor.done()) {
    OutboundCursor::Buffers buffers;
    const std::string next = joined(cursor.next(buffers)).substr(0, step);
    EXPECT_FALSE(next.empty());
    all += next;
    cursor.advance(next.size());
  }
  return all;
}

[[nodiscard]] OutboundRequest request_of(std::string head, std::vector<std::string_view> body) {
  OutboundRequest request;
  request.head = std::move(head);
  request.body = std::move(body);
  return request;
}

TEST(OutboundCursor, GivesEveryByteOnceInAnyStep) {
  const OutboundRequest request = request_of("HEAD", {"first", "", "second", "x"});
  for (std::size_t step = 1; step <= 20; ++step) EXPECT_EQ(written_in_steps(request, step), "HEADfirstsecondx") << step;
}

TEST(OutboundCursor, GoesOnBehindTheBuffersOfOneWrite) {
  const std::vector<std::string_view> slices(5 * OutboundCursor::buffers_max, "ab");
  const OutboundRequest request = request_of("H", slices);
  const std::string all = written_in_steps(request, 1000);
  EXPECT_EQ(all.size(), 1 + 2 * slices.size());
  EXPECT_EQ(all, written_in_steps(request, 3));
}

TEST(OutboundCursor, IsDoneAtOnceBehindAnEmptyTail) {
  const OutboundRequest request = request_of("HEAD", {"", ""});
  OutboundCursor cursor;
  cursor.begin(request);
  EXPECT_FALSE(cursor.begun());
  cursor.advance(4);
  EXPECT_TRUE(cursor.begun());
  EXPECT_TRUE(cursor.done());
}

TEST(OutboundCursor, CopiesTheSameBytesUntilItAdvances) {
  const OutboundRequest request = request_of("HEAD", {"first", "second"});
  OutboundCursor cursor;
  cursor.begin(request);
  std::string copy;
  cursor.copy_next(copy, 7);
  EXPECT_EQ(copy, "HEADfir");
  cursor.copy_next(copy, 7);
  EXPECT_EQ(copy, "HEADfir");
  cursor.advance(5);
  cursor.copy_next(copy, 100);
  EXPECT_EQ(copy, "irstsecond");
}

}  // namespace
}  // namespace understudy
