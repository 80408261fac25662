// The rules as a user writes them, before compile_rules() turns them into a RuleSet.
//
// Each field is a flag of the same name (`rewrite_url` is --rewrite-url). Texts keep the order in which they were
// given. docs/rules.md is the same in a user's words; a test holds its examples to this grammar.
//
//   filter     := condition { " and " condition }
//   condition  := subject op value | subject | "!" subject      the last two: it is present, it is absent
//   subject    := "method" | "path" | "url" | "client" | "header:" NAME | "param:" NAME | "cookie:" NAME
//   op         := "=" equal | "!=" not equal | "=~" RE2 search | "!~" no RE2 match
//   value      := text | '"' text '"'    quotes are needed around " and " and around outer white space; \" is a quote
//
//   "method=GET,HEAD" and "client=10.0.0.0/8,::1" take lists. A path is the target without its query, as it was sent
//   (not decoded); a url is the path with its query; a parameter is one of the query, decoded. Where a name occurs
//   several times, one match is enough for = and =~, and none may match for != and !~. "path=^/api/" is read as
//   "path=~^/api/", since no path begins with "^".
//
//   rewrite    := REGEX " => " TEMPLATE | "s" D REGEX D TEMPLATE D [ "g" ]     D: any punctuation character
//                 \1 to \9 in the template are the captures, \0 is the whole match. The first match is replaced, every
//                 one with "g".
//   redact     := "header:" NAME | "param:" NAME | "json:" NAME | "json:/" POINTER, then [ " on disk" ]
//                 A parameter is one of the query or of a form body; a JSON name counts at any depth; a pointer is
//                 RFC 6901's, from the body's root, and its segment "*" stands for every member or element.
//   sample     := PERCENTAGE [ " by " ("client" | "header:" NAME | "cookie:" NAME | "param:" NAME)
//                              [ " else " ("random" | "keep" | "drop") ] ]
//   limit      := RATE [ " burst " COUNT ]
//
// Order of evaluation, whatever the order of the flags: deny, allow, sample, limit; they see the request as it was
// captured. What passes is edited on its way to a shadow: rewrite_url, remove_param, set_param, remove_header,
// rewrite_header, set_header, redact. Within one field, in the order given; each edit sees the result of the one
// before.
#pragma once

#include <string>
#include <vector>

namespace understudy {

struct RuleOptions {
  std::vector<std::string> deny;    // filter: left out when one of them holds
  std::vector<std::string> allow;   // filter: when there are any, left out unless one of them holds
  std::vector<std::string> sample;  // sample: kept when all of them keep it
  std::string limit;                // limit: empty is none

  std::vector<std::string> rewrite_url;     // rewrite, of path and query
  std::vector<std::string> remove_param;    // NAME
  std::vector<std::string> set_param;       // NAME=VALUE, not yet encoded
  std::vector<std::string> remove_header;   // NAME
  std::vector<std::string> rewrite_header;  // "NAME: " rewrite
  std::vector<std::string> set_header;      // "NAME: VALUE"

  // redact: in recordings and in what is sent to a shadow; with " on disk", in recordings only.
  std::vector<std::string> redact;
  // When not empty, a redacted value becomes "[redacted:" and 16 hexadecimal digits of its HMAC-SHA-256 under this key
  // "]", so that equal values stay equal. A secret: it is never printed.
  std::string redact_key;
  // Leaves Authorization, Proxy-Authorization, Cookie and Set-Cookie readable in recordings. Other redactions stay.
  bool keep_secrets = false;
};

}  // namespace understudy
