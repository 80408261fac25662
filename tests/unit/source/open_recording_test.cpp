#include "replay/source/open_recording.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/source/source_fixture.hpp"

namespace understudy {
namespace {

using Targets = std::vector<std::string>;

class OpenRecording : public SourceTest {};

TEST_F(OpenRecording, FindsEachFormatByItsContent) {
  write_take("a.unknown", {exchange_at(0, "/take")});
  EXPECT_EQ(targets({path("a.unknown")}), Targets{"/take"});
  write("b.unknown", gor_record(0, "/gor"));
  EXPECT_EQ(targets({path("b.unknown")}), Targets{"/gor"});
  write("c.unknown", jsonl_line("2026-01-02T03:04:05Z", "/jsonl"));
  EXPECT_EQ(targets({path("c.unknown")}), Targets{"/jsonl"});
  write("d.unknown", test::gzip(gor_record(0, "/packed")));
  EXPECT_EQ(targets({path("d.unknown")}), Targets{"/packed"});
}

TEST_F(OpenRecording, FindsADamagedOneByItsName) {
  write("a.gor", "garbage in front\n" + gor_record(0, "/lost") + gor_record(1, "/kept"));
  EXPECT_EQ(targets({path("a.gor")}), Targets{"/kept"});
  write("a.jsonl", "garbage\n" + jsonl_line("2026-01-02T03:04:05Z", "/kept"));
  EXPECT_EQ(targets({path("a.jsonl")}), Targets{"/kept"});
}

TEST_F(OpenRecording, MergesManyFilesAndFormatsByTime) {
  write_take("a.take", {exchange_at(1, "/1"), exchange_at(4, "/4")});
  write("b.gor", gor_record(2, "/2") + gor_record(5, "/5"));
  write("c.jsonl", jsonl_line("2026-01-02T03:04:08Z", "/3") + jsonl_line("2026-01-02T03:04:11Z", "/6"));
  auto source = open_recording({path("*.take"), path("?.gor"), path("c.jsonl")});
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(test::targets_of(test::read_all(**source)), (Targets{"/1", "/2", "/3", "/4", "/5", "/6"}));
  const RecordingReport& report = (*source)->report();
  EXPECT_EQ(report.files, 3U);
  EXPECT_EQ(report.exchanges, 6U);
  EXPECT_EQ(report.responses, 2U);
  EXPECT_EQ(report.completeness, Completeness::unknown);
  EXPECT_FALSE(report.sessions_known);
  EXPECT_NE(report.format.find("take"), std::string::npos);
  EXPECT_NE(report.format.find("gor"), std::string::npos);
}

TEST_F(OpenRecording, AFileNamedTwiceIsReadOnce) {
  write("a.gor", gor_record(0, "/1"));
  EXPECT_EQ(targets({path("a.gor"), path("*.gor"), path("./a.gor")}), Targets{"/1"});
}

TEST_F(OpenRecording, ANameWithPatternCharactersIsThatFile) {
  write("a[1].gor", gor_record(0, "/brackets"));
  write("a1.gor", gor_record(0, "/plain"));
  EXPECT_EQ(targets({path("a[1].gor")}), Targets{"/brackets"});
}

TEST_F(OpenRecording, RotatedFilesNeedFewDescriptors) {
  constexpr int files = 300;
  Targets expected;
  for (int i = 0; i < files; ++i) {
    expected.push_back("/" + std::to_string(i));
    write(
        "r" + std::to_string(i) + (i % 2 == 0 ? ".gor" : ".jsonl"),
        i % 2 == 0 ? gor_record(100.0 * i, expected.back()) : [&] {
          std::string time = "2026-01-02T";
          const int at = 3 * 3600 + 4 * 60 + 5 + 100 * i;
          char clock[32];
          std::snprintf(clock, sizeof clock, "%02d:%02d:%02dZ", at / 3600, at / 60 % 60, at % 60);
          return jsonl_line(time + clock, expected.back());
        }());
  }
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{32, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  EXPECT_EQ(targets({path("r*")}), expected);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(OpenRecording, WhatCannotBeReadIsSaidBeforeAnythingIsPlayed) {
  write("good.gor", gor_record(0, "/1"));
  write("empty.gor", "");
  write("foreign.bin",
        "\x7f"
        "ELF and more");
  const Error missing = error_of({path("good.gor"), path("missing.gor")});
  EXPECT_EQ(missing.code, ExitCode::recording_unreadable);
  EXPECT_NE(missing.message.find("missing.gor"), std::string::npos);
  const Error none = error_of({path("good.gor"), path("*.take")});
  EXPECT_EQ(none.code, ExitCode::recording_unreadable);
  EXPECT_NE(none.message.find("*.take"), std::string::npos);
  const Error empty = error_of({path("good.gor"), path("empty.gor")});
  EXPECT_EQ(empty.code, ExitCode::recording_unreadable);
  EXPECT_NE(empty.message.find("empty"), std::string::npos);
  const Error foreign = error_of({path("good.gor"), path("foreign.bin")});
  EXPECT_EQ(foreign.code, ExitCode::recording_unreadable);
  EXPECT_NE(foreign.message.find("foreign.bin"), std::string::npos);
  EXPECT_EQ(foreign.message.find('\x7f'), std::string::npos);  // made safe for a terminal
  EXPECT_EQ(error_of({}).code, ExitCode::recording_unreadable);
  EXPECT_EQ(error_of({folder_.path().string()}).code, ExitCode::recording_unreadable);
  EXPECT_EQ(error_of({"-", "-"}).code, ExitCode::usage);
}

TEST_F(OpenRecording, ALaterVersionIsRefused) {
  write_take("a.take", {exchange_at(0, "/1")});
  std::string bytes = test::content_of(path("a.take"));
  bytes[8] = 2;  // the version, behind the marker
  write("b.unknown", bytes);
  EXPECT_EQ(error_of({path("b.unknown")}).code, ExitCode::recording_unreadable);
  write("c.take", "not a recording at all");
  EXPECT_EQ(error_of({path("c.take")}).code, ExitCode::recording_unreadable);
}

TEST_F(OpenRecording, AWindowByOffset) {
  for (const bool is_take : {true, false}) {
    std::string file;
    if (is_take) {
      file = write_take("w.take",
                        {exchange_at(0, "/0"), exchange_at(10, "/10"), exchange_at(20, "/20"), exchange_at(30, "/30")});
    } else {
      file =
          write("w.gor", gor_record(0, "/0") + gor_record(10, "/10") + gor_record(20, "/20") + gor_record(30, "/30"));
    }
    OpenOptions options;
    options.from = *parse_time_bound("10s");
    options.to = *parse_time_bound("30s");
    auto source = open_recording({file}, options);
    ASSERT_TRUE(source.has_value());
    EXPECT_EQ(test::targets_of(test::read_all(**source)), (Targets{"/10", "/20"})) << file;
    EXPECT_EQ((*source)->report().exchanges, 2U) << file;
  }
}

TEST_F(OpenRecording, AWindowByTimeOverManyFiles) {
  write_take("a.take", {exchange_at(0, "/0"), exchange_at(10, "/10")});
  write_take("b.take", {exchange_at(20, "/20"), exchange_at(30, "/30")});
  write_take("c.take", {exchange_at(40, "/40")});
  OpenOptions options;
  options.from = *parse_time_bound("2026-01-02T03:04:15Z");
  options.to = *parse_time_bound("2026-01-02T03:04:35+00:00");
  EXPECT_EQ(targets({path("*.take")}, options), (Targets{"/10", "/20"}));
  options.from = *parse_time_bound("5s");
  options.to = *parse_time_bound("25s");
  EXPECT_EQ(targets({path("*.take")}, options), (Targets{"/10", "/20"}));
  write("d.gor", gor_record(15, "/15"));
  EXPECT_EQ(targets({path("*.take"), path("d.gor")}, options), (Targets{"/10", "/15", "/20"}));
}

TEST(TimeBound, OffsetsAndTimes) {
  EXPECT_EQ(std::get<Nanoseconds>(*parse_time_bound("1h30m")), std::chrono::minutes(90));
  EXPECT_EQ(std::get<WallTime>(*parse_time_bound("2026-01-02T03:04:05Z")), WallTime(Nanoseconds(start)));
  for (const char* text : {"", "yesterday", "10", "2026-01-02", "-5s"}) {
    const auto bound = parse_time_bound(text);
    ASSERT_FALSE(bound.has_value()) << text;
    EXPECT_EQ(bound.error().code, ExitCode::usage);
  }
}

// Standard input is the process's, so these tests put their own in its place.
class StandardInput : public SourceTest {
 protected:
  StandardInput() : saved_(::dup(STDIN_FILENO)) {}
  ~StandardInput() override {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }
  // A pipe into which another thread writes the text, in pieces of that size.
  void feed(std::string text, std::size_t piece) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ASSERT_EQ(::dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ::close(ends[0]);
    writer_ = std::jthread([text = std::move(text), piece, out = ends[1]] {
      for (std::size_t at = 0; at < text.size(); at += piece) {
        const std::string_view part = std::string_view(text).substr(at, piece);
        if (::write(out, part.data(), part.size()) < 0) break;
      }
      ::close(out);
    });
  }

 private:
  const int saved_;
  std::jthread writer_;
};

TEST_F(StandardInput, EachFormatByItsContent) {
  write_take("a.take", {exchange_at(0, "/take"), exchange_at(1, "/take2")});
  for (const std::size_t piece : {1U, 7U, 100'000U}) {
    feed(test::content_of(path("a.take")), piece);
    EXPECT_EQ(targets({"-"}), (Targets{"/take", "/take2"}));
    feed(gor_record(0, "/gor"), piece);
    EXPECT_EQ(targets({"-"}), Targets{"/gor"});
    feed(jsonl_line("2026-01-02T03:04:05Z", "/jsonl"), piece);
    EXPECT_EQ(targets({"-"}), Targets{"/jsonl"});
  }
}

TEST_F(StandardInput, ALiveStreamIsGivenAsItComes) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ASSERT_EQ(::dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
  ::close(ends[0]);
  // Two minutes of traffic in a few hundred bytes, and the writer stays.
  const std::string text =
      gor_record(0, "/0") + gor_record(60, "/60") + gor_record(120, "/120") + gor_record(121, "/121");
  ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  auto source = open_recording({"-"});
  ASSERT_TRUE(source.has_value()) << source.error().message;
  for (const char* target : {"/0", "/60"}) {
    const auto exchange = (*source)->next();
    ASSERT_TRUE(exchange.has_value() && *exchange != nullptr);
    EXPECT_EQ((*exchange)->request->message.target(), target);
  }
  ::close(ends[1]);
  EXPECT_EQ(test::read_all(**source).size(), 2U);
}

TEST_F(StandardInput, AFileAsStandardInput) {
  write_take("a.take", {exchange_at(0, "/take")});
  const int file = ::open(path("a.take").c_str(), O_RDONLY);
  ASSERT_EQ(::dup2(file, STDIN_FILENO), STDIN_FILENO);
  ::close(file);
  EXPECT_EQ(targets({"-"}), Targets{"/take"});
}

TEST_F(StandardInput, WithAFileBesideIt) {
  write("b.gor", gor_record(1, "/1") + gor_record(3, "/3"));
  feed(gor_record(0, "/0") + gor_record(2, "/2"), 1000);
  EXPECT_EQ(targets({"-", path("b.gor")}), (Targets{"/0", "/1", "/2", "/3"}));
}

TEST_F(StandardInput, NothingAndForeign) {
  feed("", 1);
  EXPECT_EQ(error_of({"-"}).code, ExitCode::recording_unreadable);
  feed("hello\n", 1);
  const Error foreign = error_of({"-"});
  EXPECT_EQ(foreign.code, ExitCode::recording_unreadable);
  EXPECT_NE(foreign.message.find("hello"), std::string::npos);
}

}  // namespace
}  // namespace understudy
