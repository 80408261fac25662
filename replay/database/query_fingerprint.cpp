#include "replay/database/query_fingerprint.hpp"

#include <fmt/format.h>

extern "C" {
#include <pg_query.h>
}

#include <array>
#include <cctype>
#include <memory>
#include <utility>

namespace understudy {
namespace {

// What PostgreSQL 15's parser calls a statement, and what people do. Everything else is its node's name in words.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> explainable{{{"SelectStmt", "SELECT"},
                                                                                    {"InsertStmt", "INSERT"},
                                                                                    {"UpdateStmt", "UPDATE"},
                                                                                    {"DeleteStmt", "DELETE"},
                                                                                    {"MergeStmt", "MERGE"}}};

struct ParseDeleter {
  void operator()(PgQueryParseResult* result) const {
    pg_query_free_parse_result(*result);
    delete result;
  }
};

// "CreateTableAsStmt" -> "CREATE TABLE AS".
std::string in_words(std::string_view node) {
  if (node.ends_with("Stmt")) node.remove_suffix(4);
  std::string words;
  for (const char c : node) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 && !words.empty()) words += ' ';
    words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return words;
}

bool is_acceptable(std::string_view text) {
  return text.size() <= query_text_size_max && text.find('\0') == std::string_view::npos;
}

// The node's name of the only statement of a text; "" for none, several, and what does not parse.
std::string node_of(std::string_view text, bool only_one) {
  if (!is_acceptable(text)) return {};
  const std::unique_ptr<PgQueryParseResult, ParseDeleter> parsed(
      new PgQueryParseResult(pg_query_parse(std::string(text).c_str())));
  if (parsed->error != nullptr || parsed->parse_tree == nullptr) return {};
  // {"version":150001,"stmts":[{"stmt":{"SelectStmt":{ ... : the first name behind "stmt":{ is the node.
  const std::string_view tree = parsed->parse_tree;
  constexpr std::string_view lead = "\"stmts\":[{\"stmt\":{\"";
  const std::size_t begin = tree.find(lead);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = tree.substr(begin + lead.size());
  std::string node(rest.substr(0, rest.find('"')));
  if (only_one) {
    const PgQuerySplitResult split = pg_query_split_with_parser(std::string(text).c_str());
    const bool one = split.error == nullptr && split.n_stmts == 1;
    pg_query_free_split_result(split);
    if (!one) return {};
  }
  return node;
}

}  // namespace

std::string QueryFingerprint::text() const { return fmt::format("{:016x}", value); }

std::optional<QueryFingerprint> fingerprint_query(std::string_view text) {
  if (!is_acceptable(text)) return std::nullopt;
  const PgQueryFingerprintResult result = pg_query_fingerprint(std::string(text).c_str());
  std::optional<QueryFingerprint> fingerprint;
  if (result.error == nullptr && !node_of(text, false).empty()) fingerprint = QueryFingerprint{result.fingerprint};
  pg_query_free_fingerprint_result(result);
  return fingerprint;
}

std::string query_kind(std::string_view text) {
  const std::string node = node_of(text, false);
  for (const auto& [name, kind] : explainable) {
    if (node == name) return std::string(kind);
  }
  return in_words(node);
}

bool is_explainable(std::string_view text) {
  const std::string node = node_of(text, true);
  for (const auto& [name, kind] : explainable) {
    if (node == name) return true;
  }
  return false;
}

}  // namespace understudy
