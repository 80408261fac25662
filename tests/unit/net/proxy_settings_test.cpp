#include "traffic/net/proxy_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

// Where the target goes: the proxy's authority, "direct", or the error.
[[nodiscard]] std::string route(const char* target, const char* explicit_url,
                                const std::map<std::string, std::string>& variables) {
  const auto proxy =
      choose_proxy(*parse_target(target), explicit_url, [&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      });
  if (!proxy) return proxy.error().message;
  return *proxy ? (*proxy)->authority() : "direct";
}

TEST(ProxySettings, FollowTheEnvironmentByScheme) {
  const std::map<std::string, std::string> both{{"HTTP_PROXY", "http://plain:1"}, {"HTTPS_PROXY", "http://secure:2"}};
  EXPECT_EQ(route("http://shadow", "", both), "plain:1");
  EXPECT_EQ(route("https://shadow", "", both), "secure:2");
  EXPECT_EQ(route("https://shadow", "", {{"HTTP_PROXY", "http://plain:1"}}), "direct");
  EXPECT_EQ(route("https://shadow", "", {{"ALL_PROXY", "http://any:3"}}), "any:3");
  EXPECT_EQ(route("https://shadow", "", {{"ALL_PROXY", "http://any:3"}, {"https_proxy", "http://lower:4"}}), "lower:4");
}

TEST(ProxySettings, PreferTheLowerCaseNameEvenWhenItIsEmpty) {
  EXPECT_EQ(route("http://shadow", "", {{"HTTP_PROXY", "http://upper:1"}, {"http_proxy", "http://lower:2"}}),
            "lower:2");
  EXPECT_EQ(route("http://shadow", "", {{"HTTP_PROXY", "http://upper:1"}, {"http_proxy", ""}}), "direct");
}

TEST(ProxySettings, AnExplicitProxyWinsAndIsNotSubjectToNoProxy) {
  const std::map<std::string, std::string> variables{{"HTTP_PROXY", "http://environment:1"}, {"NO_PROXY", "*"}};
  EXPECT_EQ(route("http://shadow", "http://mine:9", variables), "mine:9");
  EXPECT_EQ(route("http://shadow", "direct", {{"HTTP_PROXY", "http://environment:1"}}), "direct");
}

TEST(ProxySettings, AnErrorNamesTheVariableAndNotTheSecret) {
  const std::string message = route("http://shadow", "", {{"ALL_PROXY", "socks5://user:secret@proxy"}});
  EXPECT_THAT(message, HasSubstr("ALL_PROXY"));
  EXPECT_THAT(message, HasSubstr("SOCKS"));
  EXPECT_THAT(message, Not(HasSubstr("secret")));
}

TEST(ProxySettings, NoProxyAppliesToTheEnvironmentsProxy) {
  EXPECT_EQ(route("http://shadow.example.com", "", {{"HTTP_PROXY", "http://p:1"}, {"NO_PROXY", "example.com"}}),
            "direct");
  EXPECT_EQ(route("http://shadow.example.com", "", {{"HTTP_PROXY", "http://p:1"}, {"no_proxy", "example.org"}}), "p:1");
}

struct Exclusion {
  const char* target;
  const char* no_proxy;
  bool excluded;
};

class NoProxy : public testing::TestWithParam<Exclusion> {};

TEST_P(NoProxy, CoversWhatItSays) {
  EXPECT_EQ(is_excluded_from_proxy(*parse_target(GetParam().target), GetParam().no_proxy), GetParam().excluded)
      << GetParam().target << " against '" << GetParam().no_proxy << "'";
}

INSTANTIATE_TEST_SUITE_P(
    Entries, NoProxy,
    testing::Values(
        Exclusion{"http://a.example.com", "", false}, Exclusion{"http://a.example.com", "*", true},
        Exclusion{"http://a.example.com", "a.example.com", true},
        Exclusion{"http://a.example.com", "Example.COM", true}, Exclusion{"http://a.example.com", ".example.com", true},
        Exclusion{"http://a.example.com", "*.example.com", true}, Exclusion{"http://example.com", ".example.com", true},
        Exclusion{"http://badexample.com", "example.com", false},
        Exclusion{"http://example.com", "a.example.com", false},
        Exclusion{"http://a.example.com", "example.com:80", true},
        Exclusion{"http://a.example.com", "example.com:81", false},
        Exclusion{"https://a.example.com", "example.com:443", true},
        Exclusion{"http://a.example.com", "localhost, example.com", true},
        Exclusion{"http://a.example.com", "localhost example.com", true},
        Exclusion{"http://10.1.2.3", "10.0.0.0/8", true}, Exclusion{"http://11.1.2.3", "10.0.0.0/8", false},
        Exclusion{"http://10.1.2.3", "10.1.2.3", true}, Exclusion{"http://10.1.2.3:99", "10.1.2.3:99", true},
        Exclusion{"http://10.1.2.3:99", "10.1.2.3:98", false}, Exclusion{"http://10.1.2.3", "2.3", false},
        Exclusion{"http://[2001:db8::1]", "2001:db8::/32", true},
        Exclusion{"http://[2001:db8::1]", "2001:db8::1", true},
        Exclusion{"http://[2001:db8::1]", "[2001:db8::1]", true},
        Exclusion{"http://[2001:db8::1]:99", "[2001:db8::1]:99", true},
        Exclusion{"http://[2001:db8::1]:99", "[2001:db8::1]:98", false},
        Exclusion{"http://[2001:db8::1]", "2001:db9::/32", false}));

}  // namespace
}  // namespace understudy
