#include "traffic/net/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "tests/support/manual_clock.hpp"
#include "tests/support/servers/process.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;

class ResolverTest : public testing::Test {
 protected:
  void make(const std::string& host) {
    loop.run([&] {
      resolver.emplace(loop, clock, host, seconds(30), [this](const std::string&) -> Result<Resolver::Addresses> {
        const std::lock_guard lock(mutex);
        ++lookups;
        return answer;
      });
    });
  }
  ~ResolverTest() override {
    loop.run([this] { resolver.reset(); });
  }
  void set_answer(Result<Resolver::Addresses> next) {
    const std::lock_guard lock(mutex);
    answer = std::move(next);
  }
  // What resolve() gives, as text.
  std::string resolved() {
    std::optional<std::string> text;
    std::mutex text_mutex;
    loop.run([&] {
      resolver->resolve([&](const Result<Resolver::Addresses>& result) {
        const std::lock_guard lock(text_mutex);
        text = result ? result->front().to_string() : result.error().message;
      });
    });
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(text_mutex);
      return text.has_value();
    }));
    return *text;
  }

  static Resolver::Addresses addresses(const char* text) { return {*IpAddress::parse(text)}; }

  ManualClock clock;
  std::mutex mutex;  // guards answer
  Result<Resolver::Addresses> answer = addresses("192.0.2.1");
  std::atomic<int> lookups{0};
  EventLoop loop;
  std::optional<Resolver> resolver;
};

TEST_F(ResolverTest, LooksUpOnceWithinTheLifetime) {
  make("shadow");
  EXPECT_EQ(resolved(), "192.0.2.1");
  set_answer(addresses("192.0.2.2"));
  clock.advance(seconds(29));
  EXPECT_EQ(resolved(), "192.0.2.1");
  EXPECT_EQ(lookups, 1);
  clock.advance(seconds(1));
  EXPECT_EQ(resolved(), "192.0.2.2");
  EXPECT_EQ(lookups, 2);
}

TEST_F(ResolverTest, LooksUpAgainWhenToldToForget) {
  make("shadow");
  EXPECT_EQ(resolved(), "192.0.2.1");
  set_answer(addresses("192.0.2.2"));
  loop.run([this] { resolver->forget(); });
  EXPECT_EQ(resolved(), "192.0.2.2");
}

TEST_F(ResolverTest, KeepsTheOldAddressesWhenTheNameServerIsDead) {
  make("shadow");
  EXPECT_EQ(resolved(), "192.0.2.1");
  set_answer(fail(ExitCode::target_invalid, "no name server"));
  clock.advance(seconds(60));
  EXPECT_EQ(resolved(), "192.0.2.1");
  EXPECT_EQ(lookups, 2);
}

TEST_F(ResolverTest, GivesTheErrorWhenThereIsNothingElse) {
  make("shadow");
  set_answer(fail(ExitCode::target_invalid, "no such name"));
  EXPECT_EQ(resolved(), "no such name");
  set_answer(addresses("192.0.2.3"));
  EXPECT_EQ(resolved(), "192.0.2.3");
}

TEST_F(ResolverTest, NeverLooksUpALiteral) {
  make("2001:db8::7");
  EXPECT_EQ(resolved(), "2001:db8::7");
  EXPECT_EQ(lookups, 0);
}

TEST(LookUp, KnowsLocalhostAndExplainsWhatItDoesNotKnow) {
  const auto known = look_up("localhost");
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_THAT(*known, testing::Contains(*IpAddress::parse("127.0.0.1")));
  const auto unknown = look_up("no-such-name.invalid");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, testing::HasSubstr("'no-such-name.invalid' cannot be resolved"));
}

}  // namespace
}  // namespace understudy
