#include "agent/service_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/options.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string edited(const std::string& text, const std::vector<ConfigSetting>& settings) {
  const auto result = edit_service_config(text, settings, "agent.toml");
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result.value_or("");
}

TEST(EditConfig, KeysAreAddedBeforeTheFirstTable) {
  EXPECT_EQ(edited("# mine\n\n[rules]\nsample = \"10%\"\n", {{"to", {"http://shadow"}}, {"port", {"80", "81"}}}),
            "# mine\n\nto = \"http://shadow\"\nport = [\"80\", \"81\"]\n[rules]\nsample = \"10%\"\n");
  EXPECT_EQ(edited("", {{"insecure", {"true"}}}), "insecure = true\n");
  EXPECT_EQ(edited("port = 80\n", {{"to", {"http://a"}}}), "port = 80\nto = \"http://a\"\n");
}

TEST(EditConfig, AKeyThatIsThereIsReplacedWhereItStands) {
  const std::string text =
      "port = [\n  8080,  # the API\n  8081,\n]\n# kept\n[shadow]\nto = \"http://old\"\n[safety]\nmax-cpu = \"10%\"\n";
  EXPECT_EQ(edited(text, {{"port", {"9090"}}, {"to", {"http://new"}}, {"max-cpu", {"20%"}}}),
            "port = \"9090\"\n# kept\n[shadow]\nto = \"http://new\"\n[safety]\nmax-cpu = \"20%\"\n");
}

TEST(EditConfig, DoingItTwiceIsTheSameAsOnce) {
  const std::vector<ConfigSetting> settings = {{"port", {"80"}}, {"deny", {"path=^/a$", "path=\"x\\y\""}}};
  const std::string once = edited("[status]\nstatus-address = \"off\"\n", settings);
  EXPECT_EQ(edited(once, settings), once);
}

TEST(EditConfig, NothingToSetLeavesTheTextAlone) {
  const std::string text = "# a comment\n\nport = 80 # here\n";
  EXPECT_EQ(edited(text, {}), text);
}

TEST(EditConfig, WhatCannotBeEditedIsRefusedWithItsLine) {
  const auto broken = edit_service_config("port = 80\nto = \n", {{"port", {"81"}}}, "agent.toml");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ExitCode::configuration);
  EXPECT_THAT(broken.error().message, HasSubstr("agent.toml:2"));
  const auto in_line = edit_service_config("shadow = {to = \"http://a\"}\n", {{"to", {"http://b"}}}, "agent.toml");
  ASSERT_FALSE(in_line);
  EXPECT_THAT(in_line.error().message, HasSubstr("[shadow]"));
}

class ServiceOptionsTest : public testing::Test {
 protected:
  ServiceOptionsTest() { std::filesystem::create_directories(folder_); }
  ~ServiceOptionsTest() override { std::filesystem::remove_all(folder_); }
  std::string file(const char* name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  static ServiceOptions parsed(const std::vector<std::string>& arguments) {
    const auto result = parse_command_line(arguments);
    EXPECT_TRUE(result && result->service) << (result ? "" : result.error().message);
    return result && result->service ? *result->service : ServiceOptions{};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("understudy-service-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  std::string missing_ = (folder_ / "none.toml").string();
};

TEST_F(ServiceOptionsTest, WhatIsGivenBecomesASettingOfTheService) {
  const ServiceOptions options = parsed({"service", "install", "--port", "8080,8081", "--to", "http://a", "--json",
                                         "--service-memory", "1GiB", "--config", missing_});
  EXPECT_EQ(options.action, ServiceAction::install);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options.setup.config_path, missing_);
  EXPECT_EQ(options.limits.memory_bytes_max, 1UL << 30U);
  std::string names;
  for (const ConfigSetting& setting : options.setup.settings) names += setting.name + " ";
  EXPECT_THAT(names, HasSubstr("port"));
  EXPECT_THAT(names, HasSubstr("to"));
  EXPECT_THAT(names, HasSubstr("service-memory"));
  for (const char* other : {"json", "config", "action"}) EXPECT_THAT(names, Not(HasSubstr(other)));
}

TEST_F(ServiceOptionsTest, SettingsComeFromAFileAsWell) {
  const std::string settings = file("install.toml", "to = \"http://user:secret@a\"\n[capture]\nport = \"80\"\n");
  const ServiceOptions options = parsed({"service", "install", "--settings", settings, "--config", missing_});
  EXPECT_EQ(options.setup.settings.size(), 2U);
  EXPECT_EQ(options.setup.settings_path, settings);
}

TEST_F(ServiceOptionsTest, TheServicesOwnLimitsAreReadFromItsConfiguration) {
  const std::string config = file("agent.toml", "port = 80\n[service]\nservice-cpu = \"25%\"\n");
  const ServiceOptions options = parsed({"service", "run", "--config", config});
  EXPECT_DOUBLE_EQ(options.limits.cpu_fraction_max, 0.25);
  EXPECT_TRUE(options.setup.settings.empty());  // what the file says is not written into it again
  EXPECT_TRUE(parse_command_line({"run", "--config", config}));
}

TEST_F(ServiceOptionsTest, OneFileConfiguresEveryCommand) {
  const std::string config =
      file("agent.toml",
           "port = 80\nsample = \"10%\"\nduration = \"1s\"\nservice-cpu = \"25%\"\nstatus-address = \"off\"\n");
  for (const char* command : {"run", "check"}) {
    const auto result = parse_command_line({command, "--config", config});
    EXPECT_TRUE(result) << command << ": " << result.error().message;
  }
  const auto wrong = parse_command_line({"check", "--config", file("wrong.toml", "prot = 80\n")});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ExitCode::configuration);
}

TEST_F(ServiceOptionsTest, WrongValuesAreRefused) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"service"},
                                             {"service", "reinstall"},
                                             {"service", "start", "--service-timeout", "5"},
                                             {"service", "install", "--service-memory", "1MiB"},
                                             {"service", "install", "--service-cpu", "0%"}}) {
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.end(), {"--config", missing_});
    const auto result = parse_command_line(arguments);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::usage);
  }
}

}  // namespace
}  // namespace understudy
