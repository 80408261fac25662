#include "replay/serve/clone_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/unit/serve/desk.hpp"

namespace understudy {
namespace {

using Outcome = CloneDesk::Outcome;
using test::DeskOnFolder;
using test::postgres_request;

class CloneDeskTest : public testing::Test {
 protected:
  void restart() {
    on_folder_.reset();
    on_folder_.emplace(folder_.path().string());
  }
  [[nodiscard]] CloneDesk& desk() { return on_folder_->desk(); }
  [[nodiscard]] test::GatedClones& clones() { return on_folder_->clones; }

  test::TemporaryFolder folder_;
  std::optional<DeskOnFolder> on_folder_{std::in_place, folder_.path().string()};
};

TEST_F(CloneDeskTest, TheSameBodyIsTheSameCloneAndAnotherIsAConflict) {
  EXPECT_EQ(desk().place(postgres_request("a")), Outcome::accepted);
  EXPECT_EQ(desk().place(postgres_request("a")), Outcome::known);
  EXPECT_EQ(desk().place(postgres_request("a", "second")), Outcome::conflict);
  clones().open();
  EXPECT_EQ(on_folder_->final_state("a").status, CloneStatus::succeeded);
  EXPECT_EQ(clones().started(), 1);
  EXPECT_EQ(desk().place(postgres_request("a")), Outcome::known);
  EXPECT_EQ(desk().place(postgres_request("a", "second")), Outcome::conflict);
}

TEST_F(CloneDeskTest, WhatCannotBeResolvedIsNotTaken) {
  CloneRequest request = postgres_request("a");
  request.source.credential_ref = "unknown";
  const auto outcome = desk().place(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ExitCode::configuration);
  EXPECT_FALSE(desk().state("a", {}));
}

TEST_F(CloneDeskTest, ANewDeskGoesOnWithWhatWasNotFinal) {
  EXPECT_EQ(desk().place(postgres_request("done")), Outcome::accepted);
  EXPECT_EQ(desk().place(postgres_request("later", "second")), Outcome::accepted);
  clones().wait_started(1);
  restart();
  clones().wait_started(1);
  EXPECT_EQ(desk().place(postgres_request("done")), Outcome::known);
  EXPECT_EQ(desk().state("later", {})->status, CloneStatus::accepted);
  clones().open();
  EXPECT_EQ(on_folder_->final_state("done").status, CloneStatus::succeeded);
  EXPECT_EQ(on_folder_->final_state("later").status, CloneStatus::succeeded);
  restart();
  EXPECT_EQ(desk().state("later", {})->status, CloneStatus::succeeded);
  EXPECT_EQ(clones().started(), 0);
}

TEST_F(CloneDeskTest, ACancelledCloneStaysSo) {
  EXPECT_EQ(desk().place(postgres_request("running")), Outcome::accepted);
  EXPECT_EQ(desk().place(postgres_request("waiting", "second")), Outcome::accepted);
  clones().wait_started(1);
  EXPECT_TRUE(*desk().cancel("waiting"));
  EXPECT_TRUE(*desk().cancel("running"));
  EXPECT_FALSE(*desk().cancel("nobody"));
  EXPECT_EQ(on_folder_->final_state("running").status, CloneStatus::cancelled);
  EXPECT_EQ(on_folder_->final_state("waiting").status, CloneStatus::cancelled);
  restart();
  EXPECT_EQ(on_folder_->final_state("running").status, CloneStatus::cancelled);
  EXPECT_EQ(on_folder_->final_state("waiting").status, CloneStatus::cancelled);
  EXPECT_EQ((*desk().cancel("running"))->status, CloneStatus::cancelled);
}

TEST_F(CloneDeskTest, TheManifestOfAFailedCloneHasWhatWasDone) {
  EXPECT_EQ(desk().place(postgres_request("a", "broken")), Outcome::accepted);
  clones().open();
  const CloneState state = on_folder_->final_state("a");
  EXPECT_EQ(state.status, CloneStatus::failed);
  EXPECT_THAT(state.errors, testing::ElementsAre("it broke"));
  ASSERT_TRUE(on_folder_->folder().clones().write(segment_response_key("a", 2), "{}"));
  const auto manifest = read_clone_manifest(*desk().manifest("a"));
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_THAT(manifest->segment_keys, testing::ElementsAre(segment_response_key("a", 2)));
  EXPECT_EQ(manifest->destination_name, "broken");
  EXPECT_EQ(**desk().segment("a", 2), "{}");
  EXPECT_FALSE(*desk().segment("a", 1));
}

TEST_F(CloneDeskTest, TooManyThatWaitAreRefused) {
  EXPECT_EQ(desk().place(postgres_request("first")), Outcome::accepted);
  clones().wait_started(1);
  for (std::size_t i = 0; i < CloneDesk::waiting_max; ++i) {
    EXPECT_EQ(desk().place(postgres_request("w" + std::to_string(i))), Outcome::accepted);
  }
  EXPECT_EQ(desk().place(postgres_request("last")), Outcome::full);
  EXPECT_FALSE(desk().state("last", {}));
}

TEST_F(CloneDeskTest, AnOrderThatIsDamagedIsTold) {
  ASSERT_TRUE(on_folder_->folder().clones().write("a/order.json", "{"));
  on_folder_.reset();
  const auto folder = StateFolder::open(folder_.path().string());
  ASSERT_TRUE(folder);
  const auto desk = CloneDesk::open({}, **folder, system_clock());
  ASSERT_FALSE(desk);
  EXPECT_EQ(desk.error().code, ExitCode::configuration);
  EXPECT_THAT(desk.error().message, testing::HasSubstr("a/order.json"));
}

TEST(StateFolder, OneServerAtATimeAndMaintenanceLasts) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "new" / "state").string();
  {
    const auto first = StateFolder::open(path);
    ASSERT_TRUE(first) << first.error().message;
    const auto second = StateFolder::open(path);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, testing::HasSubstr("another server"));
    EXPECT_FALSE((*first)->maintenance());
    EXPECT_TRUE((*first)->set_maintenance(true));
  }
  const auto again = StateFolder::open(path);
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->maintenance());
  EXPECT_TRUE((*again)->set_maintenance(false));
  EXPECT_FALSE((*again)->maintenance());
}

}  // namespace
}  // namespace understudy
