#include "replay/store/s3_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <mutex>

#include "tests/support/manual_clock.hpp"
#include "tests/support/servers/scripted_server.hpp"

namespace understudy {
namespace {

// Answers in the order given, and keeps the heads that came.
class S3ClientTest : public testing::Test {
 protected:
  class Waits final : public Pause {
   public:
    bool wait(Nanoseconds time) override {
      times.push_back(time);
      return true;
    }
    std::vector<Nanoseconds> times;
  };

  [[nodiscard]] static std::string answer(int status, std::string_view body, std::string_view fields = "") {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), fields, body);
  }

  void serve(std::vector<std::string> answers) {
    answers_ = std::move(answers);
    server_.emplace([this](Conversation& conversation) {
      while (const auto request = conversation.read_request()) {
        std::string next;
        {
          const std::lock_guard lock(mutex_);
          if (requests_.size() >= answers_.size()) return;
          next = answers_[requests_.size()];
          requests_.push_back(*request);
        }
        if (next.empty()) return;  // closes without an answer
        conversation.write(next);
      }
    });
  }

  [[nodiscard]] S3Client client() {
    S3Settings settings;
    settings.stream.target = *parse_target(fmt::format("http://127.0.0.1:{}", server_->port()));
    settings.retry.attempts_max = 4;
    auto keys = [] { return Result<AwsCredentials>(AwsCredentials{"KEY", "hush", "", std::nullopt}); };
    return {std::make_shared<S3Store>(std::move(settings), keys, clock_), waits_, std::stop_token()};
  }

  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  static constexpr std::string_view page = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

  ManualClock clock_;
  Waits waits_;
  std::mutex mutex_;  // guards requests_
  std::vector<std::string> requests_;
  std::vector<std::string> answers_;
  std::optional<ScriptedServer> server_;
};

TEST_F(S3ClientTest, ABusyStoreIsAskedAgainWhenItSaysSo) {
  serve(
      {answer(503, "<Error><Code>SlowDown</Code></Error>", "Retry-After: 7\r\n"), answer(500, ""), answer(200, page)});
  S3Client s3 = client();
  const auto listed = s3.list("bucket", {"a b+", "", "", 50});
  ASSERT_TRUE(listed) << listed.error().error.message;
  ASSERT_EQ(waits_.times.size(), 2U);
  EXPECT_EQ(waits_.times[0], std::chrono::seconds(7));
  EXPECT_LE(waits_.times[1], std::chrono::milliseconds(200));
  EXPECT_GE(waits_.times[1], std::chrono::milliseconds(90));
  EXPECT_TRUE(requests().back().starts_with(
      "GET /bucket?encoding-type=url&list-type=2&max-keys=50&prefix=a%20b%2B HTTP/1.1\r\n"))
      << requests().back();
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(S3ClientTest, GivesUpAfterSoManyAttempts) {
  serve({answer(503, ""), answer(503, ""), answer(503, ""), answer(503, ""), answer(200, page)});
  S3Client s3 = client();
  const auto listed = s3.list("bucket", {});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().status, 503);
  EXPECT_EQ(requests().size(), 4U);
}

TEST_F(S3ClientTest, ARefusalIsNotRepeatedAndTellsNoSecret) {
  serve({answer(403, "<Error><Code>AccessDenied</Code></Error>")});
  S3Client s3 = client();
  const auto listed = s3.list("bucket", {});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().error.code, ExitCode::permission);
  EXPECT_EQ(listed.error().error.message.find("hush"), std::string::npos);
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(S3ClientTest, ACopyThatFailsBehind200IsAFailure) {
  serve({answer(200, " <Error><Code>InternalError</Code></Error>"),
         answer(200, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")});
  S3Client s3 = client();
  const auto copied = s3.copy({"from", "a+b (\xC3\xBC)"}, {"to", "c d"}, "old");
  ASSERT_TRUE(copied) << copied.error().error.message;
  EXPECT_EQ(*copied, "e");
  EXPECT_EQ(requests().size(), 2U);
  EXPECT_TRUE(requests()[0].starts_with("PUT /to/c%20d HTTP/1.1\r\n"));
  EXPECT_NE(requests()[0].find("x-amz-copy-source: /from/a%2Bb%20%28%C3%BC%29\r\n"), std::string::npos);
  EXPECT_NE(requests()[0].find("x-amz-copy-source-if-match: \"old\"\r\n"), std::string::npos);
}

TEST_F(S3ClientTest, ACopyThatFailsForGoodBehind200IsAnError) {
  serve({answer(200, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")});
  S3Client s3 = client();
  const auto copied = s3.copy({"from", "a"}, {"to", "b"}, "");
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, "AccessDenied");
}

TEST_F(S3ClientTest, AKeptConnectionThatWasClosedIsNoFailure) {
  serve({answer(200, page), "", answer(200, page)});
  S3Client s3 = client();
  ASSERT_TRUE(s3.list("bucket", {}));
  ASSERT_TRUE(s3.list("bucket", {}));
  EXPECT_TRUE(waits_.times.empty());
  EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(S3ClientTest, ABrokenConnectionIsTriedAgain) {
  serve({"", answer(200, page)});
  S3Client s3 = client();
  ASSERT_TRUE(s3.list("bucket", {}));
  EXPECT_EQ(waits_.times.size(), 1U);
}

TEST_F(S3ClientTest, AShortBodyIsNotTakenForARange) {
  serve({answer(200, "abc")});
  S3Client s3 = client();
  EXPECT_FALSE(s3.get({"b", "k"}, 0, 4, ""));
}

TEST_F(S3ClientTest, AResponseThatIsTooLargeIsRefused) {
  serve({"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"});
  S3Client s3 = client();
  const auto got = s3.get({"b", "k"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().status, 0);
}

TEST_F(S3ClientTest, InterimResponsesArePassedOver) {
  serve({"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(200, page)});
  S3Client s3 = client();
  EXPECT_TRUE(s3.list("bucket", {}));
}

TEST_F(S3ClientTest, AStopRequestEndsACall) {
  std::stop_source stop;
  stop.request_stop();
  serve({answer(200, page)});
  S3Settings settings;
  settings.stream.target = *parse_target(fmt::format("http://127.0.0.1:{}", server_->port()));
  auto keys = [] { return Result<AwsCredentials>(AwsCredentials{"KEY", "hush", "", std::nullopt}); };
  S3Client s3(std::make_shared<S3Store>(std::move(settings), keys, clock_), waits_, stop.get_token());
  const auto listed = s3.list("bucket", {});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().error.code, ExitCode::aborted);
  EXPECT_TRUE(waits_.times.empty());
}

TEST(S3Endpoint, OfAwsAndOfOthers) {
  EXPECT_EQ(s3_endpoint("", "eu-west-1")->host, "s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(s3_endpoint("", "cn-north-1")->host, "s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(s3_endpoint("http://store:9000", "x")->port, 9000);
  EXPECT_FALSE(s3_endpoint("http://store/path", "x"));
  EXPECT_FALSE(s3_endpoint("http://key:secret@store", "x"));
}

}  // namespace
}  // namespace understudy
