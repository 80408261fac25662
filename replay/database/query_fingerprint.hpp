// The key of a query class: libpg_query's fingerprint of the text (parser of PostgreSQL 15).
//
// Literals, $1, casts of them, the order of AND, white space, comments and case collapse, so the key survives a
// migration; queryid does not. About 7 microseconds for a short query.
//
// Thread safety: any thread; libpg_query keeps its memory per thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace understudy {

struct QueryFingerprint {
  std::uint64_t value = 0;
  // 16 hexadecimal digits.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const QueryFingerprint&, const QueryFingerprint&) = default;
};

inline constexpr std::size_t query_text_size_max = 64 * 1024;

// Nothing for a text that does not parse, holds no statement, or is larger than query_text_size_max.
[[nodiscard]] std::optional<QueryFingerprint> fingerprint_query(std::string_view text);

// "SELECT", "INSERT", "CREATE TABLE": of the first statement; "" where it does not parse.
[[nodiscard]] std::string query_kind(std::string_view text);
// One statement, of a kind that EXPLAIN takes: SELECT, INSERT, UPDATE, DELETE, MERGE.
[[nodiscard]] bool is_explainable(std::string_view text);

}  // namespace understudy
