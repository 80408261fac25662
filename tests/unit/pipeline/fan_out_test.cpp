#include "traffic/pipeline/fan_out.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/messages.hpp"

namespace understudy {
namespace {

using test::capture_get;
using test::make_exchange;

// Remembers what it was offered.
class RecallingSink final : public Sink {
 public:
  explicit RecallingSink(SinkNeeds needs) : needs_(needs) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] SinkNeeds needs() const override { return needs_; }
  void on_request(const RequestPtr& request, unsigned worker) override {
    requests.emplace_back(request->message.target());
    workers.push_back(worker);
  }
  void on_exchange(OfferedExchange& exchange, unsigned worker) override {
    exchanges.emplace_back(exchange->request->message.target());
    workers.push_back(worker);
  }
  void drain(MonotonicTime) override {}

  std::vector<std::string> requests;
  std::vector<std::string> exchanges;
  std::vector<unsigned> workers;

 private:
  const std::string name_ = "recalling";
  const SinkNeeds needs_;
};

using Targets = std::vector<std::string>;

std::shared_ptr<const RuleSet> denying(std::string rule) {
  RuleOptions options;
  options.deny = {std::move(rule)};
  return compile_rules(options).value();
}

class FanOutTest : public testing::Test {
 protected:
  [[nodiscard]] std::uint64_t filtered(FilterReason reason) const {
    return shard_.totals().filtered[static_cast<std::size_t>(reason)];
  }

  CurrentRules rules_{denying("path=/denied")};
  LedgerShard shard_;
  RecallingSink forward_{{true, false, false}};
  RecallingSink recording_{{true, true, true}};
};

TEST_F(FanOutTest, OffersWhatPassesToEverySinkOnce) {
  const FanOut fan_out(rules_, {&forward_, &recording_}, {});
  FanOut::Worker worker(fan_out, 3, shard_, 1);
  const auto request = capture_get("/a");
  EXPECT_TRUE(worker.on_request(request));
  EXPECT_FALSE(worker.on_request(capture_get("/denied")));
  OfferedExchange exchange(make_exchange(request, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  worker.on_exchange(exchange);
  EXPECT_EQ(forward_.requests, Targets{"/a"});
  EXPECT_EQ(recording_.requests, Targets{"/a"});
  EXPECT_EQ(forward_.exchanges, Targets{});  // it does not want any
  EXPECT_EQ(recording_.exchanges, Targets{"/a"});
  EXPECT_EQ(recording_.workers, (std::vector<unsigned>{3, 3}));
  EXPECT_EQ(shard_.totals().delivered, 1U);
  EXPECT_EQ(filtered(FilterReason::denied), 1U);
}

TEST_F(FanOutTest, NeedsAreThoseOfAllSinks) {
  const FanOut both(rules_, {&forward_, &recording_}, {});
  EXPECT_TRUE(both.needs().request_bodies && both.needs().exchanges && both.needs().response_bodies);
  const FanOut one(rules_, {&forward_}, {});
  EXPECT_TRUE(one.needs().request_bodies);
  EXPECT_FALSE(one.needs().exchanges || one.needs().response_bodies);
  const FanOut none(rules_, {}, {});
  EXPECT_FALSE(none.needs().request_bodies || none.needs().exchanges || none.needs().response_bodies);
}

TEST_F(FanOutTest, WithoutSinksRequestsAreStillJudgedAndCounted) {
  const FanOut fan_out(rules_, {}, {});
  FanOut::Worker worker(fan_out, 0, shard_, 1);
  EXPECT_FALSE(worker.on_request(capture_get("/a")));
  EXPECT_FALSE(worker.on_request(capture_get("/denied")));
  EXPECT_EQ(shard_.totals().delivered, 1U);
  EXPECT_EQ(filtered(FilterReason::denied), 1U);
}

TEST_F(FanOutTest, NobodyWantsTheExchangesOfForwardedRequests) {
  const FanOut fan_out(rules_, {&forward_}, {});
  FanOut::Worker worker(fan_out, 0, shard_, 1);
  EXPECT_FALSE(worker.on_request(capture_get("/a")));
  EXPECT_EQ(forward_.requests, Targets{"/a"});
}

TEST_F(FanOutTest, OwnTrafficIsFilteredBeforeTheRules) {
  const FanOut fan_out(rules_, {&forward_}, [](const CapturedRequest& request) {
    return request.message.field("Understudy-Mirrored").has_value();
  });
  FanOut::Worker worker(fan_out, 0, shard_, 1);
  EXPECT_FALSE(worker.on_request(capture_get("/denied", "Understudy-Mirrored: 1\r\n")));
  EXPECT_EQ(filtered(FilterReason::self_traffic), 1U);
  EXPECT_EQ(filtered(FilterReason::denied), 0U);
  EXPECT_EQ(rules_.get()->rules()[0].requests, 0U);
  EXPECT_EQ(forward_.requests, Targets{});
}

TEST_F(FanOutTest, AReloadTakesEffectAtTheNextRequest) {
  const FanOut fan_out(rules_, {&forward_}, {});
  FanOut::Worker worker(fan_out, 0, shard_, 1);
  static_cast<void>(worker.on_request(capture_get("/denied")));
  rules_.set(denying("path=/a"));
  static_cast<void>(worker.on_request(capture_get("/denied")));
  static_cast<void>(worker.on_request(capture_get("/a")));
  EXPECT_EQ(forward_.requests, Targets{"/denied"});
}

TEST_F(FanOutTest, SamplingFollowsTheWorkersSeed) {
  RuleOptions options;
  options.sample = {"50%"};
  rules_.set(compile_rules(options).value());
  const FanOut fan_out(rules_, {&forward_}, {});
  const auto request = capture_get("/a");
  for (const std::uint64_t seed : {1U, 2U}) {
    FanOut::Worker worker(fan_out, 0, shard_, seed);
    for (int i = 0; i < 1000; ++i) static_cast<void>(worker.on_request(request));
  }
  EXPECT_NEAR(static_cast<double>(shard_.totals().delivered), 1000, 120);
  EXPECT_EQ(shard_.totals().delivered + filtered(FilterReason::sampled_out), 2000U);
}

}  // namespace
}  // namespace understudy
