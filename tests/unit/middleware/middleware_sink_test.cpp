#include "traffic/middleware/middleware_sink.hpp"

#include "tests/support/messages.hpp"
#include "tests/unit/middleware/middleware_fixture.hpp"

namespace understudy {
namespace {

// Keeps what it is given.
class ListSink final : public Sink {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] SinkNeeds needs() const override { return {}; }
  void on_request(const RequestPtr& request, unsigned worker) override {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    workers_.push_back(worker);
  }
  void on_exchange(OfferedExchange&, unsigned) override {}
  void drain(MonotonicTime) override { drained = true; }

  [[nodiscard]] std::vector<RequestPtr> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::vector<unsigned> workers() {
    const std::lock_guard lock(mutex_);
    return workers_;
  }

  bool drained = false;

 private:
  const std::string name_ = "list";
  std::mutex mutex_;
  std::vector<RequestPtr> requests_;
  std::vector<unsigned> workers_;
};

class MiddlewareSinkTest : public MiddlewareTest {
 protected:
  static RequestPtr get(std::string_view target, SessionId session) {
    auto request = test::capture_get(target, "Host: a.test\r\n");
    request->session = session;
    return request;
  }
  [[nodiscard]] bool received(std::size_t count) {
    return eventually([&] { return inner_.requests().size() >= count; });
  }

  ListSink inner_;
};

TEST_F(MiddlewareSinkTest, ChangesAreUsedAndOmissionsGoNowhere) {
  start(options_for(R"(
while True:
    meta, payload = read()
    if b"/secret" not in payload:
        write(meta, payload.replace(b"/old", b"/new"))
)"));
  MiddlewareSink sink(*process_, inner_, {.lane = 7});
  const RequestPtr same = get("/same", 1);
  sink.on_request(same, 0);
  sink.on_request(get("/secret", 2), 0);
  sink.on_request(get("/old", 3), 0);
  ASSERT_TRUE(received(2));
  EXPECT_EQ(inner_.requests()[0], same);  // the very same, no copy
  EXPECT_EQ(inner_.requests()[1]->message.target(), "/new");
  EXPECT_EQ(inner_.requests()[1]->session, 3U);
  EXPECT_EQ(inner_.workers(), (std::vector<unsigned>{7, 7}));
  clock_.advance(std::chrono::seconds(3));
  ASSERT_TRUE(eventually([&] { return process_->counts().omitted == 1; }));
  sink.drain(clock_.monotonic_now());
  EXPECT_TRUE(inner_.drained);
  EXPECT_EQ(inner_.requests().size(), 2U);
  LedgerTotals inner;
  inner.seen = inner.delivered = 2;
  const LedgerTotals output = sink.with_totals(inner);
  EXPECT_EQ(output.seen, 3U);
  EXPECT_EQ(output.filtered[static_cast<std::size_t>(FilterReason::middleware)], 1U);
  EXPECT_EQ(output.in_flight(), 0);
}

TEST_F(MiddlewareSinkTest, OpenOrClosedWhenItCannotJudge) {
  for (const bool fail_open : {true, false}) {
    ListSink inner;
    start(options_for("read()\nos._exit(1)\n"));
    MiddlewareSink sink(*process_, inner, {.fail_open = fail_open});
    sink.on_request(get("/1", 1), 0);
    ASSERT_TRUE(eventually([&] { return process_->counts().unjudged == 1; }));
    sink.on_request(get("/2", 2), 0);  // no child at the moment
    EXPECT_EQ(process_->counts().refused, 1U);
    EXPECT_EQ(inner.requests().size(), fail_open ? 2U : 0U);
    const LedgerTotals output = sink.with_totals({});
    EXPECT_EQ(output.seen, 2U);
    EXPECT_EQ(output.lost[static_cast<std::size_t>(LossReason::middleware_failed)], fail_open ? 0U : 2U);
    process_.reset();
  }
}

TEST_F(MiddlewareSinkTest, AChangeThatIsNoRequestIsNotSent) {
  start(options_for(R"(
while True:
    meta, payload = read()
    write(meta, payload.replace(b"HTTP/1.1", b"").replace(b"\r\n", b""))
)"));
  MiddlewareSink sink(*process_, inner_, {.fail_open = true});
  const RequestPtr original = get("/1", 1);
  sink.on_request(original, 0);
  ASSERT_TRUE(received(1));
  EXPECT_EQ(inner_.requests()[0], original);
}

TEST_F(MiddlewareSinkTest, ACaptureFileWaitsForTheMiddleware) {
  MiddlewareOptions options = options_for(echo_program);
  options.messages_max = 2;
  start(std::move(options));
  MiddlewareSink sink(*process_, inner_, {.fail_open = false, .lossless = true});
  for (SessionId i = 1; i <= 50; ++i) sink.on_request(get("/1", i), 0);
  ASSERT_TRUE(received(50));
  EXPECT_EQ(sink.with_totals({}).lost_total(), 0U);
}

TEST_F(MiddlewareSinkTest, ResponsesAreShownWithTheirRequestsId) {
  start(options_for(R"(
seen = {}
while True:
    meta, payload = read()
    kind, key = meta.split(b" ")[:2]
    seen.setdefault(key, []).append(kind)
    sys.stderr.write(key.decode() + " " + b"".join(seen[key]).decode() + "\n")
    sys.stderr.flush()
    write(meta, payload)
)"));
  MiddlewareSink sink(*process_, inner_, {.with_responses = true});
  EXPECT_TRUE(sink.needs().response_bodies);
  const RequestPtr request = get("/1", 0x1234);
  sink.on_request(request, 0);
  OfferedExchange exchange(test::make_exchange(request, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
  sink.on_exchange(exchange, 0);
  ASSERT_TRUE(eventually([&] { return log().size() == 2; }));
  EXPECT_EQ(log()[1], "000000000000123400000000 12");
}

}  // namespace
}  // namespace understudy
