#include "traffic/base/bounded_queue.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace understudy {
namespace {

TEST(BoundedQueue, GivesItemsInTheOrderTheyCame) {
  BoundedQueue<int> queue(4, 100);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(queue.push(int{i}, 1));
  EXPECT_EQ(queue.waiting(), 3U);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(queue.pop(), i);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_TRUE(queue.empty());
}

TEST(BoundedQueue, AnItemCountsUntilItIsReleasedNotUntilItIsPopped) {
  BoundedQueue<int> queue(2, 100);
  EXPECT_TRUE(queue.push(1, 10));
  EXPECT_TRUE(queue.push(2, 10));
  EXPECT_FALSE(queue.push(3, 10));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_FALSE(queue.push(3, 10));
  EXPECT_EQ(queue.held(), 2U);
  EXPECT_EQ(queue.bytes(), 20U);
  queue.release(10);
  EXPECT_EQ(queue.bytes(), 10U);
  EXPECT_TRUE(queue.push(3, 10));
}

TEST(BoundedQueue, RefusesTheByteThatIsTooMuch) {
  BoundedQueue<int> queue(100, 30);
  EXPECT_TRUE(queue.push(1, 20));
  EXPECT_FALSE(queue.push(2, 11));
  EXPECT_TRUE(queue.push(2, 10));
}

TEST(BoundedQueue, TakesAnItemOverTheLimitOnlyWhenItHoldsNothing) {
  BoundedQueue<int> queue(100, 30);
  EXPECT_TRUE(queue.push(1, 500));
  EXPECT_FALSE(queue.push(2, 1));
  EXPECT_EQ(queue.pop(), 1);
  queue.release(500);
  EXPECT_TRUE(queue.push(2, 1));
}

TEST(BoundedQueue, ARefusedItemStaysWithTheCaller) {
  BoundedQueue<std::unique_ptr<int>> queue(1, 100);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1), 1));
  auto item = std::make_unique<int>(2);
  EXPECT_FALSE(queue.push(std::move(item), 1));
  ASSERT_NE(item, nullptr);  // NOLINT(bugprone-use-after-move): that it is still here is the point
  EXPECT_EQ(*item, 2);
}

TEST(BoundedQueue, LetsGoOfAnItemWhenItIsPopped) {
  BoundedQueue<std::shared_ptr<int>> queue(4, 100);
  auto item = std::make_shared<int>(1);
  EXPECT_TRUE(queue.push(std::shared_ptr<int>(item), 1));
  EXPECT_EQ(item.use_count(), 2);
  (void)queue.pop();
  EXPECT_EQ(item.use_count(), 1);
}

TEST(BoundedQueue, ACapacityThatIsNoPowerOfTwoIsKeptExactly) {
  BoundedQueue<int> queue(3, 100);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(int{i}, 1));
    EXPECT_FALSE(queue.push(3, 1));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(queue.pop(), i);
      queue.release(1);
    }
  }
}

TEST(BoundedQueue, HandsEveryItemFromOneThreadToAnotherOnceAndInOrder) {
  constexpr std::uint64_t count = 200'000;
  BoundedQueue<std::unique_ptr<std::uint64_t>> queue(64, 640);
  std::thread producer([&queue] {
    for (std::uint64_t i = 0; i < count; ++i) {
      auto item = std::make_unique<std::uint64_t>(i);
      while (!queue.push(std::move(item), 10)) std::this_thread::yield();
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t expected = 0; expected < count;) {
    if (auto item = queue.pop()) {
      wrong += **item != expected++;
      queue.release(10);
    } else {
      std::this_thread::yield();
    }
    wrong += queue.bytes() > 640;
  }
  producer.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(queue.held(), 0U);
  EXPECT_EQ(queue.bytes(), 0U);
}

}  // namespace
}  // namespace understudy
