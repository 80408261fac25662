#include "traffic/rules/current_rules.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace understudy {
namespace {

std::shared_ptr<const RuleSet> rules_with(std::size_t count) {
  RuleOptions options;
  options.deny.assign(count, "method=TRACE");
  return compile_rules(options).value();
}

TEST(CurrentRules, AReaderSeesTheNewRulesAtItsNextLook) {
  CurrentRules current(rules_with(1));
  CurrentRules::Reader reader(current);
  const RuleSet& before = reader.rules();
  EXPECT_EQ(&before, &reader.rules());
  EXPECT_EQ(reader.rules().rules().size(), 1U);
  current.set(rules_with(2));
  EXPECT_EQ(reader.rules().rules().size(), 2U);
  EXPECT_EQ(current.get()->rules().size(), 2U);
}

TEST(CurrentRules, OldRulesLiveUntilTheirLastReaderLooksAgain) {
  auto first = rules_with(1);
  const std::weak_ptr<const RuleSet> watch = first;
  CurrentRules current(std::move(first));
  CurrentRules::Reader reader(current);
  current.set(rules_with(2));
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(reader.rules().rules().size(), 2U);
  EXPECT_TRUE(watch.expired());
}

TEST(CurrentRules, ReloadsWhileReadersRead) {
  CurrentRules current(rules_with(1));
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      CurrentRules::Reader reader(current);
      std::size_t last = 0;
      while (!done.load()) {
        const std::size_t count = reader.rules().rules().size();
        EXPECT_GE(count, last);  // never back to older rules
        last = count;
      }
    });
  }
  for (std::size_t count = 2; count < 60; ++count) current.set(rules_with(count));
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace understudy
