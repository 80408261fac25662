#include "traffic/middleware/middleware_source.hpp"

#include "tests/support/messages.hpp"
#include "tests/unit/middleware/middleware_fixture.hpp"

namespace understudy {
namespace {

// Gives a list, then an end or an error.
class ListSource final : public ExchangeSource {
 public:
  explicit ListSource(std::vector<ExchangePtr> exchanges, std::optional<Error> error = std::nullopt)
      : exchanges_(std::move(exchanges)), error_(std::move(error)) {
    report_.format = "a list";
  }

  [[nodiscard]] Result<ExchangePtr> next() override {
    if (next_ < exchanges_.size()) {
      report_.bytes += 100;
      ++report_.exchanges;
      return exchanges_[next_++];
    }
    if (error_) return tl::unexpected(*error_);
    return nullptr;
  }
  [[nodiscard]] const RecordingReport& report() const override { return report_; }

 private:
  const std::vector<ExchangePtr> exchanges_;
  const std::optional<Error> error_;
  std::size_t next_ = 0;
  RecordingReport report_;
};

class MiddlewareSourceTest : public MiddlewareTest {
 protected:
  // GET /0, /1, ..., each of a session of its own.
  static std::vector<ExchangePtr> gets(int count) {
    std::vector<ExchangePtr> exchanges;
    for (int i = 0; i < count; ++i) {
      auto request = test::capture_get("/" + std::to_string(i), "Host: a.test\r\n");
      request->session = static_cast<SessionId>(i + 1);
      exchanges.push_back(test::make_exchange(request, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    }
    return exchanges;
  }
  void open(std::unique_ptr<ExchangeSource> inner, MiddlewareSourceOptions options = {}) {
    // Nothing is omitted before the clock is moved, so there is nothing to wait for.
    options.read_ahead_max = Nanoseconds(0);
    source_ = std::make_unique<MiddlewareSource>(std::move(inner), *process_, options, counts_);
  }
  // The targets of all that it gives.
  std::vector<std::string> drained() {
    std::vector<std::string> targets;
    while (true) {
      const Result<ExchangePtr> exchange = source_->next();
      EXPECT_TRUE(exchange.has_value());
      if (!exchange || *exchange == nullptr) return targets;
      targets.emplace_back((*exchange)->request->message.target());
    }
  }

  MiddlewareSourceCounts counts_;
  std::unique_ptr<MiddlewareSource> source_;
};

const std::string edit_program = R"(
while True:
    meta, payload = read()
    path = payload.split(b" ")[1]
    if path == b"/1":
        continue
    write(meta, payload.replace(b" /2 ", b" /two "))
)";

TEST_F(MiddlewareSourceTest, ChangesAndOmissionsInTheRecordingsOrder) {
  start(options_for(edit_program));
  const std::vector<ExchangePtr> exchanges = gets(4);
  open(std::make_unique<ListSource>(exchanges));
  const auto first = source_->next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(*first, exchanges[0]);  // the very same, no copy
  EXPECT_EQ(source_->report().exchanges, 1U);
  ASSERT_TRUE(eventually([&] { return process_->counts().returned == 3; }));
  clock_.advance(std::chrono::seconds(3));
  EXPECT_EQ(drained(), (std::vector<std::string>{"/two", "/3"}));
  EXPECT_EQ(counts_.omitted.value(), 1U);
  EXPECT_EQ(counts_.failed.value(), 0U);
  EXPECT_EQ(source_->report().exchanges, 4U);
  EXPECT_EQ(source_->report().bytes, 400U);
  EXPECT_EQ(source_->report().format, "a list");
}

TEST_F(MiddlewareSourceTest, AChangedRequestKeepsItsResponse) {
  start(options_for("while True:\n    meta, payload = read()\n    write(meta, payload.replace(b'/0', b'/zero'))\n"));
  open(std::make_unique<ListSource>(gets(1)));
  const auto exchange = source_->next();
  ASSERT_TRUE(exchange.has_value() && *exchange != nullptr);
  EXPECT_EQ((*exchange)->request->message.target(), "/zero");
  EXPECT_EQ((*exchange)->request->session, 1U);
  ASSERT_TRUE((*exchange)->response.has_value());
  EXPECT_EQ((*exchange)->response->message.status(), 200);
}

TEST_F(MiddlewareSourceTest, MoreThanTheWindowHolds) {
  start(options_for(echo_program));
  open(std::make_unique<ListSource>(gets(500)), {.exchanges_max = 7});
  const std::vector<std::string> targets = drained();
  ASSERT_EQ(targets.size(), 500U);
  for (std::size_t i = 0; i < targets.size(); ++i) EXPECT_EQ(targets[i], "/" + std::to_string(i));
}

TEST_F(MiddlewareSourceTest, OpenOrClosedWhenItCannotJudge) {
  for (const bool fail_open : {true, false}) {
    start(options_for("while True:\n    meta, payload = read()\n    write(meta, b'no request at all')\n"));
    open(std::make_unique<ListSource>(gets(3)), {.fail_open = fail_open});
    EXPECT_EQ(drained().size(), fail_open ? 3U : 0U);
    EXPECT_EQ(counts_.failed.value(), fail_open ? 0U : 3U);
    source_.reset();
    process_.reset();
  }
}

TEST_F(MiddlewareSourceTest, AnErrorComesBehindWhatWasRead) {
  start(options_for(echo_program));
  open(std::make_unique<ListSource>(gets(2), Error{ExitCode::recording_unreadable, "the disk fails"}));
  ASSERT_TRUE(source_->next().has_value());
  ASSERT_TRUE(source_->next().has_value());
  const auto end = source_->next();
  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().message, "the disk fails");
}

TEST_F(MiddlewareSourceTest, MayEndInTheMiddle) {
  start(options_for(echo_program));
  open(std::make_unique<ListSource>(gets(300)), {.exchanges_max = 10});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(source_->next().has_value());
  EXPECT_EQ(source_->report().exchanges, 5U);
  source_.reset();
  process_.reset();
}

}  // namespace
}  // namespace understudy
