#include "agent/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/capture/engine_choice.hpp"
#include "agent/policy_option.hpp"
#include "traffic/command_line/config_file.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Options as given, or a failed test.
AgentOptions parsed(const std::vector<std::string>& arguments) {
  auto result = parse_command_line(arguments);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  EXPECT_TRUE(result && result->options.has_value());
  return result && result->options ? *result->options : AgentOptions{};
}

Error error_of(const std::vector<std::string>& arguments) {
  auto result = parse_command_line(arguments);
  EXPECT_FALSE(result.has_value());
  return result ? Error{ExitCode::ok, ""} : result.error();
}

// A configuration file that is gone at the end of the test.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text)
      : path_((std::filesystem::temp_directory_path() / ("understudy-options-" + std::to_string(::getpid()) + ".toml"))
                  .string()) {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST(EngineOption, IsAutoOrAnEngineOfThisPlatform) {
  EXPECT_EQ(parsed({"run", "--port", "80"}).capture.engine, "auto");
  EXPECT_EQ(parsed({"run", "--port", "80", "--engine", "auto"}).capture.engine, "auto");
  const std::string first = engine_kinds().front().name;
  EXPECT_EQ(parsed({"check", "--port", "80", "--engine", first}).capture.engine, first);
  const Error error = error_of({"run", "--port", "80", "--engine", "telepathy"});
  EXPECT_EQ(error.code, ExitCode::usage);
  EXPECT_THAT(error.message, testing::AllOf(HasSubstr("engine"), HasSubstr("telepathy"), HasSubstr("auto, " + first)));
}

TEST(Options, DefaultsAreThoseOfTheManual) {
  const AgentOptions options = parsed({"run", "--port", "8080"});
  EXPECT_THAT(options.capture.ports, ElementsAre(8080));
  EXPECT_TRUE(options.capture.interfaces.empty());
  EXPECT_EQ(options.capture.buffer_bytes, 32U << 20U);
  EXPECT_EQ(options.limits.body_max, 64U << 20U);
  EXPECT_EQ(options.limits.head_max, 1U << 20U);
  EXPECT_EQ(options.safety.memory_bytes_max, 128U << 20U);
  EXPECT_EQ(options.observe.status_address, "127.0.0.1:9600");
  EXPECT_TRUE(options.shadow.routes.empty());
}

TEST(Options, ACaptureFileIsReadWithoutAStatusServerUnlessAskedFor) {
  EXPECT_EQ(parsed({"run", "--port", "80", "--read", "x.pcap"}).observe.status_address, "off");
  EXPECT_EQ(
      parsed({"run", "--port", "80", "--read", "x.pcap", "--status-address", "127.0.0.1:1"}).observe.status_address,
      "127.0.0.1:1");
}

TEST(Options, PortsAreAListWithCommasOrRepeated) {
  EXPECT_THAT(parsed({"run", "--port", "8080,8081"}).capture.ports, ElementsAre(8080, 8081));
  EXPECT_THAT(parsed({"run", "--port", "8080", "--port", "8081"}).capture.ports, ElementsAre(8080, 8081));
}

TEST(Options, AMissingPortIsAUsageErrorThatSaysWhatToDo) {
  const Error error = error_of({"run"});
  EXPECT_EQ(error.code, ExitCode::usage);
  EXPECT_THAT(error.message, HasSubstr("--port"));
}

TEST(Options, PortsOutOfRangeAreRefused) {
  for (const char* port : {"0", "65536", "-1", "http", "80x", ""}) {
    EXPECT_EQ(error_of({"run", "--port", port}).code, ExitCode::usage) << port;
  }
}

TEST(Options, UnknownFlagsAreUsageErrorsOfOneLine) {
  const Error error = error_of({"run", "--port", "80", "--prot", "81"});
  EXPECT_EQ(error.code, ExitCode::usage);
  EXPECT_THAT(error.message, HasSubstr("--prot"));
  EXPECT_THAT(error.message, Not(HasSubstr("\n")));
}

TEST(Options, SeveralShadowsKeepTheirOrder) {
  const AgentOptions options =
      parsed({"run", "--port", "80", "--to", "http://a.example", "--to", "https://b.example/base"});
  ASSERT_EQ(options.shadow.routes.size(), 2U);
  EXPECT_EQ(options.shadow.routes[0].target.host, "a.example");
  EXPECT_EQ(options.shadow.routes[1].target.base_path, "/base");
  EXPECT_TRUE(options.shadow.routes[1].target.is_tls);
}

TEST(Options, ABadUrlHasItsOwnExitCode) {
  EXPECT_EQ(error_of({"run", "--port", "80", "--to", "ftp://shadow"}).code, ExitCode::target_invalid);
  EXPECT_EQ(error_of({"run", "--port", "80", "--to", "http://shadow", "--proxy", "socks5://x"}).code,
            ExitCode::target_invalid);
}

TEST(Options, TheEnvironmentIsReadAndAFlagWins) {
  const Environment port("UNDERSTUDY_PORT", "9090");
  EXPECT_THAT(parsed({"run"}).capture.ports, ElementsAre(9090));
  EXPECT_THAT(parsed({"run", "--port", "80"}).capture.ports, ElementsAre(80));
}

TEST(Options, TheFileIsReadAndFlagAndEnvironmentWin) {
  const ConfigFile file("port = [8080, 8081]\n[shadow]\nto = \"http://shadow\"\n[safety]\nmax-memory = \"256MiB\"\n");
  const AgentOptions options = parsed({"run", "--config", file.path()});
  EXPECT_THAT(options.capture.ports, ElementsAre(8080, 8081));
  EXPECT_EQ(options.safety.memory_bytes_max, 256U << 20U);
  ASSERT_EQ(options.shadow.routes.size(), 1U);
  const Environment memory("UNDERSTUDY_MAX_MEMORY", "512MiB");
  EXPECT_EQ(parsed({"run", "--config", file.path()}).safety.memory_bytes_max, 512U << 20U);
  EXPECT_THAT(parsed({"run", "--config", file.path(), "--port", "80"}).capture.ports, ElementsAre(80));
}

TEST(Options, AnUnknownKeyIsNamedWithItsLine) {
  const ConfigFile file("port = 80\n\nmax-memroy = \"1GiB\"\n");
  const Error error = error_of({"run", "--config", file.path()});
  EXPECT_EQ(error.code, ExitCode::configuration);
  EXPECT_THAT(error.message, HasSubstr(file.path() + ":3"));
  EXPECT_THAT(error.message, HasSubstr("max-memroy"));
}

TEST(Options, BrokenTomlIsNamedWithItsLine) {
  const ConfigFile file("port = 80\nto = \"http://x\n");
  const Error error = error_of({"run", "--config", file.path()});
  EXPECT_EQ(error.code, ExitCode::configuration);
  EXPECT_THAT(error.message, HasSubstr(file.path() + ":2"));
}

TEST(Options, AValueOfTheWrongKindIsNamedWithItsLine) {
  const ConfigFile file("port = 80\nworkers = \"many\"\n");
  const Error error = error_of({"run", "--config", file.path()});
  EXPECT_EQ(error.code, ExitCode::configuration);
  EXPECT_THAT(error.message, HasSubstr(":2"));
}

TEST(Options, AMissingFileIsAConfigurationError) {
  EXPECT_EQ(error_of({"run", "--config", "/nonexistent/agent.toml"}).code, ExitCode::configuration);
}

TEST(Options, ThePrintedConfigurationCanBeReadAgainAndHoldsNoSecret) {
  auto printed = parse_command_line({"run", "--port", "8080,8081", "--to", "http://user:hunter2@shadow/base", "--proxy",
                                     "http://u:hunter2@proxy:3128", "--sample", "10%", "--print-config"});
  ASSERT_TRUE(printed.has_value());
  EXPECT_FALSE(printed->options.has_value());
  EXPECT_THAT(printed->text, Not(HasSubstr("hunter2")));
  const ConfigFile file(printed->text);
  const AgentOptions options = parsed({"run", "--config", file.path()});
  EXPECT_THAT(options.capture.ports, ElementsAre(8080, 8081));
  EXPECT_THAT(options.rules.sample, ElementsAre("10%"));
}

TEST(Options, PasswordsAreTakenOutOfUrls) {
  EXPECT_EQ(without_password("http://user:secret@host:80/path"), "http://user:***@host:80/path");
  EXPECT_EQ(without_password("http://user@host/"), "http://user@host/");
  EXPECT_EQ(without_password("http://host/a:b@c"), "http://host/a:b@c");
  EXPECT_EQ(without_password("X-Name: a@b"), "X-Name: a@b");
}

TEST(Options, PoliciesAreSetByName) {
  EXPECT_FALSE(parsed({"run", "--port", "80", "--policy", "bare_lf=off"}).framing.accept_bare_lf);
  EXPECT_TRUE(parsed({"run", "--port", "80"}).framing.accept_bare_lf);
  EXPECT_THAT(error_of({"run", "--port", "80", "--policy", "nonsense=on"}).message, HasSubstr("bare_lf"));
  EXPECT_EQ(error_of({"run", "--port", "80", "--policy", "bare_lf=maybe"}).code, ExitCode::usage);
}

TEST(Options, HelpNamesEveryFlagWithAnExample) {
  const auto help = parse_command_line({"run", "--help"});
  ASSERT_TRUE(help.has_value());
  for (const char* flag :
       {"--port", "--to", "--proxy", "--record", "--sample", "--max-memory", "--status-address", "Examples:"}) {
    EXPECT_THAT(help->text, HasSubstr(flag));
  }
}

TEST(Options, VersionIsTextWithTheCommit) {
  const auto version = parse_command_line({"--version"});
  ASSERT_TRUE(version.has_value());
  EXPECT_THAT(version->text, HasSubstr("understudy-agent "));
  EXPECT_THAT(version->text, HasSubstr("commit"));
}

TEST(Options, CompletionExistsForThreeShells) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = parse_command_line({"completion", shell});
    ASSERT_TRUE(script.has_value()) << shell;
    EXPECT_THAT(script->text, HasSubstr("max-memory")) << shell;
  }
  EXPECT_EQ(error_of({"completion", "tcsh"}).code, ExitCode::usage);
}

TEST(Options, CompletionOfBashHasANameOfItsOwn) {  // understudy-replay's may be loaded in the same shell
  EXPECT_THAT(parse_command_line({"completion", "bash"})->text, HasSubstr("-F _understudy_agent understudy-agent\n"));
}

TEST(ManualTest, DescribesEveryFlagOnce) {
  const auto page = parse_command_line({"man"});
  ASSERT_TRUE(page.has_value());
  EXPECT_THAT(page->text,
              HasSubstr("\\fB\\-\\-buffer\\fR \\fISIZE\\fR\nCapture buffer in the kernel.\nDefault: 32MiB.\n"));
  EXPECT_THAT(page->text, HasSubstr("\\fB\\-\\-quiet\\fR\nNo live line"));  // a flag takes no value
  const std::string once = ".TP\n\\fB\\-\\-port\\fR";
  EXPECT_NE(page->text.find(once), std::string::npos);
  EXPECT_EQ(page->text.find(once), page->text.rfind(once));
}

TEST(ManualTest, IsHiddenFromHelpAndCompletion) {
  EXPECT_THAT(parse_command_line({"--help"})->text, Not(HasSubstr("manual page")));
  EXPECT_THAT(parse_command_line({"completion", "fish"})->text, Not(HasSubstr("manual page")));
}

TEST(Options, TheMiddlewareIsSplitAsInAShell) {
  const AgentOptions options =
      parsed({"run", "--port", "80", "--to", "http://shadow", "--middleware", "python3 'my edit.py' --all",
              "--middleware-responses", "--middleware-fail", "closed"});
  EXPECT_THAT(options.shadow.middleware.command, ElementsAre("python3", "my edit.py", "--all"));
  EXPECT_TRUE(options.shadow.middleware.with_responses);
  EXPECT_FALSE(options.shadow.middleware.fail_open);
  const MiddlewareSettings without = parsed({"run", "--port", "80", "--to", "http://shadow"}).shadow.middleware;
  EXPECT_TRUE(without.command.empty());
  EXPECT_TRUE(without.fail_open);
}

TEST(Options, MiddlewareThatCannotBe) {
  const std::vector<std::string> good{"run", "--port", "80", "--to", "http://shadow"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), good.begin(), good.end());
    return error_of(more);
  };
  for (const Error& error : {with({"--middleware", "a 'b"}), with({"--middleware", "  "}), with({"--middleware", "''"}),
                             with({"--middleware-responses"}), with({"--middleware-fail", "closed"}),
                             with({"--middleware", "cat", "--middleware-fail", "maybe"}),
                             error_of({"run", "--port", "80", "--middleware", "cat"})}) {
    EXPECT_EQ(error.code, ExitCode::usage) << error.message;
    EXPECT_THAT(error.message, HasSubstr("--middleware"));
  }
}

}  // namespace
}  // namespace understudy
