#include "traffic/http/head_draft.hpp"

#include <gtest/gtest.h>

#include "tests/unit/http/reader_harness.hpp"

namespace understudy {
namespace {

HttpMessage request(std::string_view bytes) {
  ReaderHarness harness(MessageKind::request);
  harness.feed(bytes);
  EXPECT_EQ(harness.handler.messages.size(), 1U);
  return std::move(harness.handler.messages.at(0));
}

std::string wire(const HttpMessage& message) {
  std::string text(message.raw_head());
  for (const std::string_view slice : message.body().wire_slices()) text += slice;
  return text;
}

// What a reader makes of the draft's message must be the same message: offsets, fields and body.
void expect_consistent(const HttpMessage& message) {
  EXPECT_EQ(RecordingMessageHandler::describe(request(wire(message))), RecordingMessageHandler::describe(message));
}

constexpr std::string_view sample =
    "POST /a?b=1 HTTP/1.1\r\nhost:x\r\nX-One:  1 \r\nX-Two: 2\r\nx-one: 3\r\nContent-Length: 4\r\n\r\nbody";

TEST(HeadDraft, UneditedShowsTheMessage) {
  const HttpMessage message = request(sample);
  const HeadDraft draft(message);
  EXPECT_FALSE(draft.edited());
  EXPECT_EQ(draft.method(), "POST");
  EXPECT_EQ(draft.target(), "/a?b=1");
  EXPECT_EQ(draft.field_count(), 5U);
  EXPECT_EQ(draft.field_name(1), "X-One");
  EXPECT_EQ(draft.field_value(1), "1");
  EXPECT_EQ(draft.field("X-TWO"), "2");
  EXPECT_EQ(draft.field("none"), std::nullopt);
  EXPECT_EQ(wire(draft.to_message()), sample);
}

TEST(HeadDraft, UntouchedLinesKeepTheirBytes) {
  const HttpMessage message = request(sample);
  HeadDraft draft(message);
  draft.set_field("x-two", "two");
  EXPECT_TRUE(draft.edited());
  EXPECT_EQ(wire(draft.to_message()),
            "POST /a?b=1 HTTP/1.1\r\nhost:x\r\nX-One:  1 \r\nX-Two: two\r\nx-one: 3\r\nContent-Length: 4\r\n\r\nbody");
  expect_consistent(draft.to_message());
}

TEST(HeadDraft, SetReplacesTheFirstAndRemovesTheOthers) {
  const HttpMessage message = request(sample);
  HeadDraft draft(message);
  draft.set_field("X-ONE", "new");
  EXPECT_EQ(draft.field_count(), 4U);
  EXPECT_EQ(wire(draft.to_message()),
            "POST /a?b=1 HTTP/1.1\r\nhost:x\r\nX-One: new\r\nX-Two: 2\r\nContent-Length: 4\r\n\r\nbody");
  expect_consistent(draft.to_message());
}

TEST(HeadDraft, SetAppendAndRemove) {
  const HttpMessage message = request(sample);
  HeadDraft draft(message);
  draft.set_field("New", "n");
  draft.append_field("New", "m");
  EXPECT_EQ(draft.remove_field("X-One"), 2U);
  EXPECT_EQ(draft.remove_field("X-None"), 0U);
  EXPECT_EQ(draft.rename_field("x-two", "X-2"), 1U);
  EXPECT_EQ(wire(draft.to_message()),
            "POST /a?b=1 HTTP/1.1\r\nhost:x\r\nX-2: 2\r\nContent-Length: 4\r\nNew: n\r\nNew: m\r\n\r\nbody");
  expect_consistent(draft.to_message());
}

TEST(HeadDraft, RenameToANameThatContainsItselfEnds) {
  const HttpMessage message = request(sample);
  HeadDraft draft(message);
  EXPECT_EQ(draft.rename_field("X-One", "x-one"), 2U);
}

TEST(HeadDraft, MethodAndTarget) {
  const HttpMessage message = request(sample);
  HeadDraft draft(message);
  draft.set_method("PUT");
  draft.set_target("/new path?q=\r\n");
  EXPECT_EQ(draft.target(), "/new%20path?q=%0D%0A");
  EXPECT_TRUE(wire(draft.to_message()).starts_with("PUT /new%20path?q=%0D%0A HTTP/1.1\r\nhost:x\r\n"));
  expect_consistent(draft.to_message());
  draft.set_target("");
  EXPECT_EQ(draft.target(), "/");
}

TEST(HeadDraft, NoEditCanAddALine) {
  const HttpMessage message = request(sample);
  HeadDraft draft(message);
  draft.append_field("A:\r\nB", std::string_view("x\r\nEvil: 1\0y ", 13));
  draft.set_field_value(0, "h\nZ: 1");
  const HttpMessage edited = draft.to_message();
  EXPECT_EQ(edited.fields().size(), 6U);
  EXPECT_EQ(edited.value(edited.fields()[5]), "x  Evil: 1 y");
  EXPECT_EQ(edited.name(edited.fields()[5]), "A___B");
  expect_consistent(edited);
}

TEST(HeadDraft, AValueMayComeFromTheDraftItself) {
  const HttpMessage message = request(sample);
  HeadDraft draft(message);
  draft.set_field("X-Two", *draft.field("host"));
  draft.set_field("X-Two", *draft.field("X-Two"));
  EXPECT_EQ(draft.field("X-Two"), "x");
}

TEST(HeadDraft, ReplacedBodySetsTheFraming) {
  const HttpMessage message =
      request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\nA: b\r\n\r\n1\r\nx\r\n0\r\nT: 1\r\n\r\n");
  HeadDraft draft(message);
  draft.replace_body("{\"a\":1}");
  EXPECT_EQ(wire(draft.to_message()), "POST / HTTP/1.1\r\nA: b\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
  expect_consistent(draft.to_message());
}

TEST(HeadDraft, AnUntouchedChunkedBodyIsSharedWithItsFraming) {
  const HttpMessage message = request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
  HeadDraft draft(message);
  draft.append_field("A", "b");
  const HttpMessage edited = draft.to_message();
  EXPECT_EQ(edited.body().wire_slices()[0].data(), message.body().wire_slices()[0].data());
  expect_consistent(edited);
}

TEST(HeadDraft, BareLineFeedsAndFolds) {
  const HttpMessage message = request("GET / HTTP/1.1\nA: b\n c\nD: e\n\n");
  HeadDraft draft(message);
  draft.set_field("D", "f");
  EXPECT_EQ(wire(draft.to_message()), "GET / HTTP/1.1\nA: b  c\nD: f\r\n\n");
}

}  // namespace
}  // namespace understudy
