// Recordings on disk, for what opens them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "replay/source/open_recording.hpp"
#include "tests/support/files.hpp"
#include "tests/support/messages.hpp"
#include "tests/unit/recording/recorded.hpp"
#include "traffic/recording/take_writer.hpp"

namespace understudy {

inline constexpr std::int64_t second = 1'000'000'000;
inline constexpr std::int64_t start = 1'767'323'045 * second;  // 2026-01-02T03:04:05Z

class SourceTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  std::string write(const std::string& name, std::string_view text) const {
    test::write_file(path(name), text);
    return path(name);
  }

  // A GET in a session of its own, `offset` seconds after the start, with its response 10 ms later.
  [[nodiscard]] static ExchangePtr exchange_at(double offset, std::string_view target) {
    auto request = test::capture_get(target, "Host: a.test\r\n");
    request->first_byte = WallTime(Nanoseconds(start + static_cast<std::int64_t>(offset * 1e9)));
    request->last_byte = request->first_byte;
    request->session = static_cast<SessionId>(offset * 1000) + 1;
    auto exchange = std::make_shared<Exchange>();
    CapturedResponse& response = exchange->response.emplace();
    response.message = test::read_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    response.first_byte = request->first_byte + std::chrono::milliseconds(10);
    response.last_byte = response.first_byte;
    exchange->request = std::move(request);
    return exchange;
  }

  std::string write_take(const std::string& name, const std::vector<ExchangePtr>& exchanges) const {
    auto writer = make_take_writer(path(name), {});
    EXPECT_TRUE(writer.has_value()) << writer.error().message;
    for (const ExchangePtr& exchange : exchanges) EXPECT_TRUE((*writer)->write(*exchange).has_value());
    RecordingReport report;
    report.completeness = Completeness::complete;
    EXPECT_TRUE((*writer)->finish(report).has_value());
    return path(name);
  }

  [[nodiscard]] static std::string gor_record(double offset, std::string_view target) {
    const auto time = start + static_cast<std::int64_t>(offset * 1e9);
    return "1 " + std::to_string(time) + "00000 " + std::to_string(time) + " 0\nGET " + std::string(target) +
           " HTTP/1.1\r\nHost: a.test\r\n\r\n\n\xf0\x9f\x90\xb5\xf0\x9f\x99\x88\xf0\x9f\x99\x89\n";
  }

  [[nodiscard]] static std::string jsonl_line(std::string_view time, std::string_view target) {
    return R"({"session":"s-1","client":"192.0.2.1:40000","server":"192.0.2.2:80","time":")" + std::string(time) +
           R"(","request":{"method":"GET","target":")" + std::string(target) +
           R"(","version":"1.1","headers":[],"body_length":0,"body_base64":""},"response":null})" + "\n";
  }

  // The targets in the order in which they are given.
  [[nodiscard]] static std::vector<std::string> targets(const std::vector<std::string>& paths,
                                                        const OpenOptions& options = {}) {
    auto source = open_recording(paths, options);
    EXPECT_TRUE(source.has_value()) << source.error().message;
    return source ? test::targets_of(test::read_all(**source)) : std::vector<std::string>();
  }
  [[nodiscard]] static Error error_of(const std::vector<std::string>& paths, const OpenOptions& options = {}) {
    auto source = open_recording(paths, options);
    EXPECT_FALSE(source.has_value());
    return source ? Error() : source.error();
  }

  test::TemporaryFolder folder_;
};

}  // namespace understudy
