#include "replay/clone/segment_queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "replay/clone/clone_job.hpp"
#include "replay/clone/folder_documents.hpp"
#include "replay/clone/segment_book.hpp"
#include "tests/support/files.hpp"

namespace understudy {
namespace {

using Work = SegmentQueue::WorkKind;

[[nodiscard]] std::shared_ptr<SegmentTask> task_of(std::uint64_t number, std::size_t objects) {
  auto task = std::make_shared<SegmentTask>();
  task->request.number = number;
  task->request.objects = objects;
  task->objects.resize(objects);
  task->is_listed = true;
  return task;
}

TEST(SegmentQueue, OpensNoMoreThanTheWorkersSoonNeed) {
  SegmentQueue queue(4, 10);
  const std::stop_token stop;
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(queue.push(task_of(i, 20), stop));
  const auto first = queue.take(stop);
  ASSERT_EQ(first.kind, Work::prepare);
  EXPECT_TRUE(queue.open(first.task));
  // 20 objects are ready, and 12 would do: copies come before another segment.
  for (std::size_t i = 0; i < 9; ++i) {
    const auto work = queue.take(stop);
    ASSERT_EQ(work.kind, Work::copy);
    EXPECT_EQ(work.index, i);
  }
  const auto second = queue.take(stop);
  EXPECT_EQ(second.kind, Work::prepare);
  EXPECT_EQ(second.task->request.number, 2U);
  EXPECT_EQ(queue.take(stop).kind, Work::copy);
}

TEST(SegmentQueue, SkippedObjectsAreNotHandedOut) {
  SegmentQueue queue(1, 10);
  const std::stop_token stop;
  ASSERT_TRUE(queue.push(task_of(1, 5), stop));
  const auto work = queue.take(stop);
  work.task->skip = {true, false, true, false, true};
  EXPECT_TRUE(queue.open(work.task));
  EXPECT_EQ(queue.take(stop).index, 1U);
  EXPECT_EQ(queue.take(stop).index, 3U);
  EXPECT_FALSE(queue.done(*work.task, 1, SegmentQueue::Outcome::copied));
  EXPECT_TRUE(queue.done(*work.task, 3, SegmentQueue::Outcome::gone));
  EXPECT_EQ(work.task->copied, (std::vector<bool>{false, true, false, false, false}));
  EXPECT_EQ(work.task->response.gone, 1U);
  queue.finished();
  queue.close();
  EXPECT_EQ(queue.take(stop).kind, Work::none);
}

TEST(SegmentQueue, CopiesWithTheSourcesETagNeedNoSecondLook) {
  SegmentQueue queue(1, 10);
  const std::stop_token stop;
  ASSERT_TRUE(queue.push(task_of(1, 4), stop));
  const auto work = queue.take(stop);
  EXPECT_TRUE(queue.open(work.task));
  using Outcome = SegmentQueue::Outcome;
  constexpr std::array outcomes = {Outcome::verified, Outcome::copied, Outcome::gone, Outcome::failed};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(queue.take(stop).index, i);
    EXPECT_EQ(queue.done(*work.task, i, outcomes[i]), i == 3);
  }
  EXPECT_EQ(work.task->copied, (std::vector<bool>{true, true, false, false}));
  EXPECT_EQ(work.task->unverified, (std::vector<bool>{false, true, false, false}));
  EXPECT_EQ(work.task->response.verified_by_etag, 1U);
  EXPECT_TRUE(work.task->failed);
}

TEST(SegmentQueue, ASegmentOfSkippedObjectsIsFinishedAtOnce) {
  SegmentQueue queue(1, 10);
  const std::stop_token stop;
  ASSERT_TRUE(queue.push(task_of(1, 2), stop));
  const auto work = queue.take(stop);
  work.task->skip = {true, true};
  EXPECT_FALSE(queue.open(work.task));
}

TEST(SegmentQueue, AStopRequestEndsEveryWait) {
  SegmentQueue queue(1, 1);
  std::stop_source stop;
  ASSERT_TRUE(queue.push(task_of(1, 1), stop.get_token()));
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(queue.push(task_of(2, 1), stop.get_token()));
  EXPECT_EQ(queue.take(stop.get_token()).kind, Work::none);
  queue.wait_until_idle(stop.get_token());
}

TEST(SegmentQueue, ManyWorkersCopyEachObjectOnce) {
  SegmentQueue queue(8, 4);
  const std::stop_token stop;
  std::atomic<int> copies{0}, finished{0};
  std::vector<std::jthread> workers;
  for (int i = 0; i < 8; ++i) {
    workers.emplace_back([&] {
      while (true) {
        const auto work = queue.take(stop);
        if (work.kind == Work::none) return;
        if (work.kind == Work::prepare) {
          ASSERT_TRUE(queue.open(work.task));
          continue;
        }
        ++copies;
        if (queue.done(*work.task, work.index, SegmentQueue::Outcome::copied)) {
          ++finished;
          queue.finished();
        }
      }
    });
  }
  for (std::uint64_t i = 1; i <= 100; ++i) ASSERT_TRUE(queue.push(task_of(i, 1 + i % 7), stop));
  queue.close();
  workers.clear();
  EXPECT_EQ(finished, 100);
  int expected = 0;
  for (int i = 1; i <= 100; ++i) expected += 1 + i % 7;
  EXPECT_EQ(copies, expected);
}

TEST(SegmentBook, FindsWhatIsLeftToDo) {
  const test::TemporaryFolder folder;
  auto documents = open_folder_documents((folder.path() / "documents").string());
  ASSERT_TRUE(documents);
  for (std::uint64_t i = 1; i <= 1500; ++i) ASSERT_TRUE((*documents)->write(segment_request_key("x", i), "{}"));
  ASSERT_TRUE((*documents)->write(segment_claim_key("x", 3), "{}"));
  ASSERT_TRUE((*documents)->write(segment_claim_key("x", 4), "{}"));
  ASSERT_TRUE((*documents)->write(segment_response_key("x", 4), "{}"));
  SegmentBook book;
  ASSERT_TRUE(book.scan(**documents, "x"));
  EXPECT_EQ(book.highest(), 1500U);
  EXPECT_EQ(book.count(SegmentBook::requested, SegmentBook::responded), 1499U);
  EXPECT_EQ(book.find(SegmentBook::claimed, SegmentBook::responded), std::vector<std::uint64_t>{3});
  book.set(3, SegmentBook::failed);
  EXPECT_EQ(book.find(SegmentBook::claimed, SegmentBook::responded | SegmentBook::failed),
            std::vector<std::uint64_t>{});
  book.clear(3, SegmentBook::failed);
  EXPECT_FALSE(book.has(3, SegmentBook::failed));
}

TEST(FolderDocuments, AreSeenWholeAndCreatedOnce) {
  const test::TemporaryFolder folder;
  auto opened = open_folder_documents((folder.path() / "a" / "b").string());
  ASSERT_TRUE(opened);
  DocumentStore& documents = **opened;
  EXPECT_EQ(documents.read("x/y.json").value(), std::nullopt);
  EXPECT_TRUE(documents.create("x/y.json", "1").value());
  EXPECT_FALSE(documents.create("x/y.json", "2").value());
  EXPECT_EQ(documents.read("x/y.json").value(), "1");
  EXPECT_TRUE(documents.write("x/y.json", "3"));
  EXPECT_EQ(documents.read("x/y.json").value(), "3");
  EXPECT_TRUE(documents.write("x/a..b.json", ""));
  EXPECT_EQ(documents.list("x/", "").value(), (std::vector<std::string>{"x/a..b.json", "x/y.json"}));
  EXPECT_EQ(documents.list("x/", "x/a..b.json").value(), std::vector<std::string>{"x/y.json"});
  EXPECT_EQ(documents.list("none/", "").value(), std::vector<std::string>{});
  EXPECT_TRUE(documents.erase("x/y.json"));
  EXPECT_TRUE(documents.erase("x/y.json"));
  EXPECT_FALSE(documents.write("x/big", std::string(DocumentStore::document_size_max + 1, 'x')));
}

TEST(FolderDocuments, AFileInPlaceOfTheFolderIsAnError) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto opened = open_folder_documents((folder.path() / "file").string());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ExitCode::output_failed);
}

}  // namespace
}  // namespace understudy
