#include "traffic/middleware/middleware_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/middleware/middleware_fixture.hpp"

namespace understudy {
namespace {

using MiddlewareProcessTest = MiddlewareTest;

TEST_F(MiddlewareProcessTest, GivesBackWhatTheChildEchoes) {
  start(options_for(echo_program));
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(submit(std::to_string(i), std::to_string(i) + every_byte));
  ASSERT_TRUE(answered(500));
  const auto all = answers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].verdict, MiddlewareVerdict::returned);
    EXPECT_EQ(all[i].bytes, all[i].id + every_byte);
  }
  const MiddlewareCounts counts = process_->counts();
  EXPECT_EQ(counts.submitted, 500U);
  EXPECT_EQ(counts.returned, 500U);
  EXPECT_TRUE(counts.running);
}

TEST_F(MiddlewareProcessTest, TheLineIsGoReplaysAndUpperCaseComesBack) {
  start(options_for(R"(
line = sys.stdin.readline()
sys.stderr.write(line)
sys.stderr.flush()
meta, _, payload = bytes.fromhex(line.strip()).partition(b"\n")
write(meta, payload.replace(b"/old", b"/new"), upper=True)
sys.stdin.readline()
)"));
  ASSERT_TRUE(submit("932079936f68f4aaf4aaf4aa", "GET /old HTTP/1.1\r\n\r\n"));
  ASSERT_TRUE(answered(1));
  EXPECT_EQ(answers()[0].bytes, "GET /new HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return !log().empty(); }));
  // "1 932079936f68f4aaf4aaf4aa 1767323045000000006 0\nGET /old HTTP/1.1\r\n\r\n" in lower-case hexadecimal.
  EXPECT_EQ(log()[0],
            "3120393332303739393336663638663461616634616166346161203137363733323330343530303030303030303620300a"
            "474554202f6f6c6420485454502f312e310d0a0d0a");
}

TEST_F(MiddlewareProcessTest, TheChildInheritsNothingButItsPipes) {
  const int inherited = ::open("/dev/null", O_RDONLY);  // deliberately not O_CLOEXEC
  ASSERT_GE(inherited, 3);
  start(options_for(R"(
import os
names = sorted(int(name) for name in os.listdir("/proc/self/fd"))
sys.stderr.write(" ".join(str(n) for n in names if os.path.exists("/proc/self/fd/%d" % n)) + "\n")
sys.stderr.flush()
sys.stdin.readline()
)"));
  ASSERT_TRUE(eventually([&] { return !log().empty(); }));
  EXPECT_EQ(log()[0], "0 1 2");
  ::close(inherited);
}

TEST_F(MiddlewareProcessTest, WhatIsOmittedIsToldAfterAWhile) {
  start(options_for(R"(
while True:
    meta, payload = read()
    if b"keep" in payload:
        write(meta, payload)
)"));
  ASSERT_TRUE(submit("1", "drop"));
  ASSERT_TRUE(submit("2", "keep"));
  ASSERT_TRUE(answered(1));
  EXPECT_EQ(answers()[0].id, "2");
  clock_.advance(std::chrono::seconds(3));
  ASSERT_TRUE(answered(2));
  EXPECT_EQ(answers()[1].id, "1");
  EXPECT_EQ(answers()[1].verdict, MiddlewareVerdict::omitted);
  EXPECT_EQ(process_->counts().omitted, 1U);
}

TEST_F(MiddlewareProcessTest, AnswersComeInAnyOrderAndStrangeLinesAreCounted) {
  start(options_for(R"(
first, second = read(), read()
write(*second)
write(b"1 unknown 5 5", b"made up")
print("this is not hexadecimal", flush=True)
print("6162", flush=True)
write(*first)
sys.stdin.readline()
)"));
  ASSERT_TRUE(submit("a", "1"));
  ASSERT_TRUE(submit("b", "2"));
  ASSERT_TRUE(answered(2));
  EXPECT_EQ(answers()[0].id, "b");
  EXPECT_EQ(answers()[1].id, "a");
  EXPECT_EQ(process_->counts().unknown, 1U);
  EXPECT_EQ(process_->counts().unreadable, 2U);
}

TEST_F(MiddlewareProcessTest, ARequestAndItsResponsesShareAnId) {
  start(options_for(echo_program));
  ASSERT_TRUE(submit("a", "request"));
  ASSERT_TRUE(submit("a", "response", GorType::response));
  ASSERT_TRUE(submit("a", "replayed", GorType::replayed_response));
  ASSERT_TRUE(answered(3));
  EXPECT_EQ(answers()[0].bytes, "request");
  EXPECT_EQ(answers()[1].bytes, "response");
  EXPECT_EQ(answers()[2].bytes, "replayed");
}

TEST_F(MiddlewareProcessTest, AChildThatEndsIsStartedAgain) {
  start(options_for(R"(
meta, payload = read()
if b"die" in payload:
    sys.stderr.write("last words")
    sys.stderr.flush()
    os._exit(3)
write(meta, payload)
sys.stdin.readline()
)"));
  ASSERT_TRUE(submit("1", "die"));
  ASSERT_TRUE(answered(1));
  EXPECT_EQ(answers()[0].verdict, MiddlewareVerdict::unjudged);
  ASSERT_TRUE(eventually([&] { return !trouble().empty(); }));
  EXPECT_NE(trouble()[0].find("exit code 3"), std::string::npos) << trouble()[0];
  EXPECT_EQ(log(), std::vector<std::string>{"last words"});
  EXPECT_FALSE(submit("2", "refused while there is no child"));
  clock_.advance(std::chrono::seconds(2));
  ASSERT_TRUE(eventually([&] { return process_->counts().running; }));
  EXPECT_EQ(process_->counts().restarts, 1U);
  ASSERT_TRUE(submit("3", "hello"));
  ASSERT_TRUE(answered(2));
  EXPECT_EQ(answers()[1].bytes, "hello");
}

TEST_F(MiddlewareProcessTest, AChildThatDoesNotReadBlocksNobody) {
  MiddlewareOptions options = options_for("import time\ntime.sleep(1000)\n");
  options.messages_max = 50;
  start(std::move(options));
  const std::string large(100'000, 'x');
  int taken = 0;
  for (int i = 0; i < 200; ++i) taken += submit(std::to_string(i), large) ? 1 : 0;
  EXPECT_EQ(taken, 50);
  EXPECT_EQ(process_->counts().refused, 150U);
  // Again and again: the time-outs begin when the middleware's thread takes the messages, whenever that is.
  ASSERT_TRUE(eventually([&] {
    clock_.advance(std::chrono::seconds(3));
    return answers().size() == 50;
  }));
  EXPECT_GT(process_->counts().unjudged, 40U);  // those that never reached it
}

TEST_F(MiddlewareProcessTest, LimitsOfBytes) {
  MiddlewareOptions options = options_for(echo_program);
  options.message_bytes_max = 1000;
  options.bytes_max = 100'000;
  start(std::move(options));
  EXPECT_FALSE(submit("1", std::string(1001, 'x')));
  EXPECT_TRUE(submit("2", std::string(1000, 'x')));
  EXPECT_TRUE(answered(1));
}

TEST_F(MiddlewareProcessTest, ALineThatNeverEndsIsBounded) {
  MiddlewareOptions options = options_for(R"(
first = read()
for _ in range(200):
    sys.stdout.write("61" * 10000)
sys.stdout.write("\n")
write(*first)
sys.stdin.readline()
)");
  options.message_bytes_max = 10'000;
  start(std::move(options));
  ASSERT_TRUE(submit("1", "hello"));
  ASSERT_TRUE(answered(1));
  EXPECT_EQ(answers()[0].bytes, "hello");
  EXPECT_EQ(process_->counts().unreadable, 1U);
}

TEST_F(MiddlewareProcessTest, AMessageWithoutACallbackIsOnlyShown) {
  start(options_for(echo_program));
  MiddlewareMessage message;
  message.id = "a";
  message.type = GorType::response;
  message.start = WallTime(Nanoseconds(1'767'323'045'000'000'006));
  message.bytes = "response";
  ASSERT_TRUE(process_->submit(std::move(message)));
  ASSERT_TRUE(submit("b", "request"));
  ASSERT_TRUE(answered(1));  // so the response's line has come back as well
  const MiddlewareCounts counts = process_->counts();
  EXPECT_EQ(counts.shown, 1U);
  EXPECT_EQ(counts.returned, 1U);
  EXPECT_EQ(counts.unknown, 0U);
}

TEST_F(MiddlewareProcessTest, WaitsForRoomWhereItIsAskedTo) {
  MiddlewareOptions options = options_for(echo_program);
  options.messages_max = 3;
  start(std::move(options));
  for (int i = 0; i < 100; ++i) {
    MiddlewareMessage message;
    message.id = std::to_string(i);
    message.bytes = "x";
    message.done = [](MiddlewareVerdict, std::string_view) {};
    ASSERT_TRUE(process_->submit_when_room(std::move(message)));
  }
  ASSERT_TRUE(eventually([&] { return process_->counts().returned == 100; }));
  EXPECT_EQ(process_->counts().refused, 0U);
}

TEST_F(MiddlewareProcessTest, TimeInCallbacksIsNotTheChilds) {
  // The second answer lies in the pipe while the first one's callback takes ten seconds.
  start(options_for("first, second = read(), read()\nwrite(*first)\nwrite(*second)\nsys.stdin.readline()\n"));
  MiddlewareMessage slow;
  slow.id = "slow";
  slow.bytes = "x";
  slow.done = [this](MiddlewareVerdict, std::string_view) { clock_.advance(std::chrono::seconds(10)); };
  ASSERT_TRUE(process_->submit(std::move(slow)));
  ASSERT_TRUE(submit("next", "x"));
  ASSERT_TRUE(answered(1));
  EXPECT_EQ(answers()[0].verdict, MiddlewareVerdict::returned);
}

TEST_F(MiddlewareProcessTest, DrainWaitsForWhatIsUnderWay) {
  start(options_for(R"(
import time
while True:
    item = read()
    time.sleep(0.01)
    write(*item)
)"));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(submit(std::to_string(i), "x"));
  process_->drain(clock_.monotonic_now() + std::chrono::hours(1));
  EXPECT_EQ(answers().size(), 20U);
  EXPECT_EQ(process_->counts().returned, 20U);
  EXPECT_FALSE(submit("late", "x"));
}

TEST_F(MiddlewareProcessTest, DestructionTellsWhatIsUnderWay) {
  start(options_for("import time\ntime.sleep(1000)\n"));
  ASSERT_TRUE(submit("1", "x"));
  process_.reset();
  ASSERT_EQ(answers().size(), 1U);
  EXPECT_EQ(answers()[0].verdict, MiddlewareVerdict::unjudged);
}

TEST_F(MiddlewareProcessTest, ACommandThatIsNotThereIsAnError) {
  MiddlewareOptions options;
  options.command = {"/nonexistent/middleware"};
  const auto process = MiddlewareProcess::start(std::move(options), clock_);
  ASSERT_FALSE(process.has_value());
  EXPECT_EQ(process.error().code, ExitCode::configuration);
  EXPECT_NE(process.error().message.find("/nonexistent/middleware"), std::string::npos);
}

TEST_F(MiddlewareProcessTest, ArgumentsAreNotSplit) {
  start(options_for("sys.stderr.write(repr(sys.argv[1:]) + '\\n')\nsys.stderr.flush()\nsys.stdin.readline()\n"));
  ASSERT_TRUE(eventually([&] { return !log().empty(); }));
  EXPECT_EQ(log()[0], "['an argument']");
}

}  // namespace
}  // namespace understudy
