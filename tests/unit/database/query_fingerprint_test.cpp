#include "replay/database/query_fingerprint.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace understudy {
namespace {

std::uint64_t key(std::string_view text) {
  const auto fingerprint = fingerprint_query(text);
  EXPECT_TRUE(fingerprint) << text;
  return fingerprint ? fingerprint->value : 0;
}

// What facts and migrations change without making it another query.
TEST(QueryFingerprint, SurvivesAMigrationOfTypes) {
  const std::uint64_t wanted = key("SELECT * FROM reading WHERE a = $1 AND b = $2 ORDER BY id DESC LIMIT 1");
  for (const char* same : {
           "SELECT * FROM reading WHERE a = '17' AND b = 'd2719c3b' ORDER BY id DESC LIMIT 5",
           "select *  from reading where a=$1 and b=$2 order by id desc limit $3",
           "SELECT * FROM reading WHERE a = $1::int AND b = $2::uuid ORDER BY id DESC LIMIT 1",
           "SELECT * FROM reading WHERE a = CAST($1 AS integer) AND b = '1'::text ORDER BY id DESC LIMIT 1",
           "SELECT * FROM reading WHERE b = $1::uuid AND a = $2::int ORDER BY id DESC LIMIT 1",
           "SELECT * FROM reading WHERE (b = $1) AND (a = $2) ORDER BY id DESC LIMIT 1 /* traceparent='00-1-2-01' */",
       }) {
    EXPECT_EQ(key(same), wanted) << same;
  }
}

TEST(QueryFingerprint, TellsDifferentQueriesApart) {
  std::set<std::uint64_t> keys;
  const char* texts[] = {"SELECT * FROM reading WHERE a = $1",
                         "SELECT id FROM reading WHERE a = $1",
                         "SELECT * FROM readings WHERE a = $1",
                         "SELECT * FROM reading WHERE a > $1",
                         "SELECT * FROM reading WHERE a = $1 OR b = $2",
                         "SELECT * FROM reading WHERE a = $1 AND b = $2",
                         "SELECT * FROM reading WHERE a::text = $1",
                         "SELECT * FROM reading WHERE a = $1 ORDER BY id",
                         "DELETE FROM reading WHERE a = $1",
                         "INSERT INTO reading (a) VALUES ($1)",
                         "BEGIN",
                         "COMMIT"};
  for (const char* text : texts) keys.insert(key(text));
  EXPECT_EQ(keys.size(), std::size(texts));
}

TEST(QueryFingerprint, ListsOfAnyLengthAreOneClass) {
  EXPECT_EQ(key("SELECT 1 FROM t WHERE a IN (1)"), key("SELECT 1 FROM t WHERE a IN (1, 2, 3)"));
  EXPECT_EQ(key("INSERT INTO t (a) VALUES (1)"), key("INSERT INTO t (a) VALUES (1), (2)"));
  EXPECT_EQ(key("SELECT 1 FROM t WHERE a IN ($1 /*, ... */)"), key("SELECT 1 FROM t WHERE a IN (1, 2)"));
}

// Results of one machine are compared on another: the key is the same on each platform, and with each version of the
// library.
TEST(QueryFingerprint, IsTheSameOnEachPlatform) {
  for (const auto& [wanted, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"88236cff607c88e6", "SELECT * FROM reading WHERE a = $1 AND b = $2 ORDER BY id DESC LIMIT 1"},
           {"b3c76219750d3211", "INSERT INTO reading (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"},
           {"0ab03e56276c1620", "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a"},
           {"be2596f1408884d4",
            "WITH x AS (SELECT count(*) FROM reading GROUP BY a HAVING max(value) > 0.5) SELECT * FROM x"},
           {"177cc47209e3bb6a", "FETCH ALL FROM c"},
           {"e66a6ce996cf5345", "ALTER ROLE application WITH LOGIN NOCREATEDB"},
           {"adb002e983694ebc", "COPY reading FROM STDIN CSV HEADER"},
       }) {
    ASSERT_TRUE(fingerprint_query(text)) << text;
    EXPECT_EQ(fingerprint_query(text)->text(), wanted) << text;
  }
}

TEST(QueryFingerprint, IsSixteenHexadecimalDigits) {
  EXPECT_EQ((QueryFingerprint{0xab}.text()), "00000000000000ab");
  EXPECT_EQ(fingerprint_query("SELECT 1")->text().size(), 16U);
}

TEST(QueryFingerprint, GivesNothingForWhatIsNoStatement) {
  EXPECT_FALSE(fingerprint_query(""));
  EXPECT_FALSE(fingerprint_query(" \n"));
  EXPECT_FALSE(fingerprint_query("-- a comment"));
  EXPECT_FALSE(fingerprint_query("SELEC 1"));
  EXPECT_FALSE(fingerprint_query("<insufficient privilege>"));
  EXPECT_FALSE(fingerprint_query(std::string_view("SELECT 1\0; x", 12)));
  EXPECT_FALSE(fingerprint_query("SELECT '" + std::string(query_text_size_max, 'x') + "'"));
  // Nesting is the parser's to bound, not the stack's.
  EXPECT_FALSE(fingerprint_query("SELECT " + std::string(30'000, '(')));
  std::string sum = "SELECT 1";
  for (int i = 0; i < 32'000; ++i) sum += "+1";
  EXPECT_TRUE(fingerprint_query(sum));
}

TEST(QueryFingerprint, NamesTheKind) {
  EXPECT_EQ(query_kind("select 1"), "SELECT");
  EXPECT_EQ(query_kind("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x"), "INSERT");
  EXPECT_EQ(query_kind("VACUUM t"), "VACUUM");
  EXPECT_EQ(query_kind("nonsense"), "");
}

TEST(QueryFingerprint, OnlyOneStatementOfAFewKindsIsPlanned) {
  EXPECT_TRUE(is_explainable("SELECT a FROM t WHERE b = $1"));
  EXPECT_TRUE(is_explainable("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE"));
  EXPECT_FALSE(is_explainable("SELECT 1; DROP TABLE t"));
  EXPECT_FALSE(is_explainable("DROP TABLE t"));
  EXPECT_FALSE(is_explainable("EXPLAIN ANALYZE DELETE FROM t"));
  EXPECT_FALSE(is_explainable("CREATE TABLE x AS SELECT 1"));
  EXPECT_FALSE(is_explainable("nonsense"));
}

}  // namespace
}  // namespace understudy
