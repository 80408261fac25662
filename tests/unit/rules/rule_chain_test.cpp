#include "traffic/rules/rule_chain.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/messages.hpp"
#include "traffic/http/head_draft.hpp"
#include "traffic/rules/redactor.hpp"

namespace understudy {
namespace {

using test::capture_get;
using test::capture_post;

std::shared_ptr<const RuleSet> compiled(const RuleOptions& options) {
  auto rules = compile_rules(options);
  EXPECT_TRUE(rules) << (rules ? "" : rules.error().message);
  return std::move(rules).value();
}

struct Verdict {
  bool pass;
  FilterReason reason;
};

Verdict judge(const RuleSet& rules, const CapturedRequest& request) {
  RandomSource random(1);
  const Admission admission = rules.admit(request, random);
  return {admission.pass, admission.reason};
}

TEST(RuleSet, WithoutRulesEverythingPasses) {
  const auto rules = compiled({});
  EXPECT_TRUE(judge(*rules, *capture_get("/")).pass);
  EXPECT_FALSE(rules->has_edits());
  EXPECT_TRUE(rules->rules().empty());
}

TEST(RuleSet, DenyWinsOverAllow) {
  RuleOptions options;
  options.allow = {"path=~^/api/", "path=/health"};
  options.deny = {"method=DELETE", "param:internal"};
  const auto rules = compiled(options);
  EXPECT_TRUE(judge(*rules, *capture_get("/api/x")).pass);
  EXPECT_TRUE(judge(*rules, *capture_get("/health")).pass);
  EXPECT_EQ(judge(*rules, *capture_get("/api/x?internal=1")).reason, FilterReason::denied);
  EXPECT_FALSE(judge(*rules, *capture_get("/other")).pass);
  EXPECT_EQ(judge(*rules, *capture_get("/other")).reason, FilterReason::not_allowed);
}

TEST(RuleSet, EveryDecisionIsCountedAtItsRule) {
  RuleOptions options;
  options.deny = {"path=/never", "path=/denied"};
  options.allow = {"path=~^/a", "path=~^/b"};
  options.sample = {"100%", "0% by header:X-Drop else keep"};
  options.limit = "1/h burst 2";
  const auto rules = compiled(options);
  RandomSource random(1);
  EXPECT_EQ(rules->admit(*capture_get("/denied"), random).rule, 1);
  EXPECT_EQ(rules->admit(*capture_get("/a"), random).rule, 2);
  EXPECT_EQ(rules->admit(*capture_get("/b"), random).rule, 3);
  EXPECT_EQ(rules->admit(*capture_get("/c"), random).rule, Admission::no_rule);
  EXPECT_EQ(rules->admit(*capture_get("/a", "X-Drop: 1\r\n"), random).rule, 5);
  const Admission limited = rules->admit(*capture_get("/a"), random);
  EXPECT_EQ(limited.rule, 6);
  EXPECT_EQ(limited.reason, FilterReason::rate_limited);

  const auto counts = rules->rules();
  ASSERT_EQ(counts.size(), 7U);
  const std::vector<std::uint64_t> expected{0, 1, 3, 1, 0, 1, 1};
  for (std::size_t i = 0; i < counts.size(); ++i) EXPECT_EQ(counts[i].requests, expected[i]) << counts[i].text;
  EXPECT_EQ(counts[1].option, "deny");
  EXPECT_EQ(counts[1].text, "path=/denied");
  EXPECT_EQ(counts[6].option, "limit");
}

TEST(RuleSet, WhatTheSamplerLeavesOutTakesNoTokenOfTheLimit) {
  RuleOptions options;
  options.sample = {"0% by header:X-Drop else keep"};
  options.limit = "1/h burst 1";
  const auto rules = compiled(options);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(judge(*rules, *capture_get("/", "X-Drop: 1\r\n")).reason, FilterReason::sampled_out);
  }
  EXPECT_TRUE(judge(*rules, *capture_get("/")).pass);
}

TEST(RuleSet, TheLimitFollowsPacketTime) {
  RuleOptions options;
  options.limit = "10/s burst 1";
  const auto rules = compiled(options);
  const auto request = capture_get("/");
  EXPECT_TRUE(judge(*rules, *request).pass);
  EXPECT_FALSE(judge(*rules, *request).pass);
  request->last_byte += std::chrono::milliseconds(100);
  EXPECT_TRUE(judge(*rules, *request).pass);
}

TEST(RuleSet, EditsInTheirOrder) {
  RuleOptions options;
  options.rewrite_url = {R"(^/v1/(.*) => /v2/\1)"};
  options.remove_param = {"debug"};
  options.set_param = {"dry=1"};
  options.remove_header = {"X-Old"};
  options.set_header = {"X-Stage: rehearsal", "X-Secret: fresh"};
  options.redact = {"header:X-Secret", "param:token"};
  const auto rules = compiled(options);
  ASSERT_TRUE(rules->has_edits());
  const auto request = capture_get("/v1/a?token=s&debug=1", "X-Old: 1\r\nX-Secret: production\r\n");
  HeadDraft draft(request->message);
  rules->apply(draft, *request);
  EXPECT_EQ(draft.to_message().raw_head(),
            "GET /v2/a?token=%5Bredacted%5D&dry=1 HTTP/1.1\r\nHost: production\r\nX-Secret: [redacted]\r\n"
            "X-Stage: rehearsal\r\n\r\n");
}

TEST(RuleSet, ARedactedBodyGoesOutWithItsNewLength) {
  RuleOptions options;
  options.redact = {"json:k"};
  const auto rules = compiled(options);
  const auto request = capture_post("application/json", R"({"k":"a long long secret value"})");
  HeadDraft draft(request->message);
  rules->apply(draft, *request);
  const HttpMessage edited = draft.to_message();
  EXPECT_EQ(edited.body().content(), R"({"k":"[redacted]"})");
  EXPECT_EQ(edited.field("content-length"), "18");
}

TEST(RuleSet, AnUnreadableBodyLosesItsCodingWithItsContent) {
  RuleOptions options;
  options.redact = {"json:k"};
  const auto rules = compiled(options);
  const auto request = capture_post("application/json", "\x0b\x02", "Content-Encoding: br\r\n");
  HeadDraft draft(request->message);
  rules->apply(draft, *request);
  EXPECT_EQ(draft.to_message().body().content(), "[redacted]");
  EXPECT_FALSE(draft.field("content-encoding"));
}

TEST(RuleSet, RequestsWithNothingToEditStayAsTheyAre) {
  RuleOptions options;
  options.redact = {"json:k", "header:X", "param:p"};
  options.rewrite_url = {"^/v1 => /v2"};
  const auto rules = compiled(options);
  const auto request = capture_post("application/json", R"({"a":1})");
  HeadDraft draft(request->message);
  rules->apply(draft, *request);
  EXPECT_FALSE(draft.edited());
}

TEST(RuleSet, SecretsAreRedactedInRecordingsUnlessKept) {
  const auto by_default = compiled({});
  for (const std::string_view name : {"Authorization", "proxy-authorization", "Cookie", "set-cookie"}) {
    EXPECT_TRUE(by_default->recording_redactor().field_value(name, "s")) << name;
  }
  EXPECT_FALSE(by_default->recording_redactor().field_value("Host", "s"));

  RuleOptions options;
  options.keep_secrets = true;
  options.redact = {"header:X-Key on disk", "header:Cookie", "header:X-Wire"};
  const auto kept = compiled(options);
  EXPECT_FALSE(kept->recording_redactor().field_value("Authorization", "s"));
  EXPECT_TRUE(kept->recording_redactor().field_value("Cookie", "s"));
  EXPECT_TRUE(kept->recording_redactor().field_value("X-Key", "s"));
  EXPECT_TRUE(kept->recording_redactor().field_value("X-Wire", "s"));
}

TEST(RuleSet, RedactionOnDiskDoesNotTouchTheWire) {
  RuleOptions options;
  options.redact = {"header:X-Key on disk", "json:k on disk"};
  EXPECT_FALSE(compiled(options)->has_edits());
}

TEST(CompileRules, TheFirstErrorIsReportedWithItsOption) {
  const auto error_of = [](const RuleOptions& options) {
    const auto rules = compile_rules(options);
    EXPECT_FALSE(rules);
    return rules ? std::string() : rules.error().message;
  };
  RuleOptions options;
  options.limit = "fast";
  EXPECT_EQ(error_of(options).rfind("limit 'fast': ", 0), 0U);
  options.sample = {"200%"};
  EXPECT_EQ(error_of(options).rfind("sample '200%': ", 0), 0U);
  options.allow = {"x=1"};
  EXPECT_EQ(error_of(options).rfind("allow 'x=1': ", 0), 0U);
  options.deny = {"method=GET", "path=~("};
  EXPECT_EQ(error_of(options).rfind("deny 'path=~(': ", 0), 0U);
  options = {};
  options.redact = {"body"};
  EXPECT_EQ(error_of(options).rfind("redact 'body': ", 0), 0U);
  options = {};
  options.redact_key = "very secret";
  options.redact = {"body"};
  EXPECT_EQ(error_of(options).find("very secret"), std::string::npos);
}

}  // namespace
}  // namespace understudy
