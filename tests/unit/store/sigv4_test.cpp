// The vectors are Amazon's own: the examples of "Signature Calculations for the Authorization Header" (S3), and cases
// of the SigV4 test suite (get-vanilla, get-vanilla-query-order-key-case, get-utf8, get-header-value-trim, ...).
#include "replay/store/sigv4.hpp"

#include <gtest/gtest.h>

#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

const AwsCredentials suite_keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", std::nullopt};
const SigV4Scope suite_scope{"us-east-1", "service", true};

[[nodiscard]] WallTime suite_time() { return *parse_rfc3339("2015-08-30T12:36:00Z"); }

[[nodiscard]] std::string authorization(const SigV4Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization") return value;
  }
  return {};
}

[[nodiscard]] std::string signature(const SigV4Request& request) {
  const std::string text = authorization(request);
  return text.substr(text.rfind('=') + 1);
}

[[nodiscard]] SigV4Request suite_request(std::string method = "GET", std::string path = "/") {
  SigV4Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.headers = {{"Host", "example.amazonaws.com"}};
  request.payload_hash = sha256_hex("");
  return request;
}

TEST(SigV4, SuiteGetVanilla) {
  SigV4Request request = suite_request();
  sign_sigv4(request, suite_scope, suite_keys, suite_time());
  EXPECT_EQ(authorization(request),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4, SuitePostVanilla) {
  SigV4Request request = suite_request("POST");
  sign_sigv4(request, suite_scope, suite_keys, suite_time());
  EXPECT_EQ(signature(request), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(SigV4, SuiteGetVanillaQueryOrderKeyCase) {
  SigV4Request request = suite_request();
  request.query = {{"Param2", "value2"}, {"Param1", "value1"}};
  sign_sigv4(request, suite_scope, suite_keys, suite_time());
  EXPECT_EQ(signature(request), "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST(SigV4, SuiteGetUtf8) {
  SigV4Request request = suite_request("GET", "/%E1%88%B4");
  const std::string canonical = sigv4_canonical_request(request, suite_scope);
  // Every service but S3 encodes twice.
  EXPECT_EQ(canonical.substr(0, canonical.find('\n', 4)), "GET\n/%25E1%2588%25B4");
  EXPECT_EQ(sigv4_canonical_request(request, SigV4Scope()).substr(0, 14), "GET\n/%E1%88%B4");
}

TEST(SigV4, SuiteHeaderValuesAreTrimmedAndNamesJoined) {
  SigV4Request request = suite_request();
  request.headers.emplace_back("My-Header1", " value1");
  request.headers.emplace_back("My-Header2", "  \"a   b   c\"  ");
  request.headers.emplace_back("my-header1", "value2 ");
  EXPECT_EQ(sigv4_canonical_request(request, suite_scope),
            "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value1,value2\nmy-header2:\"a b c\"\n\n"
            "host;my-header1;my-header2\n" +
                sha256_hex(""));
}

const AwsCredentials s3_keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", std::nullopt};

[[nodiscard]] WallTime s3_time() { return *parse_rfc3339("2013-05-24T00:00:00Z"); }

TEST(SigV4, S3ExampleGetObject) {
  SigV4Request request;
  request.path = "/test.txt";
  request.headers = {{"Host", "examplebucket.s3.amazonaws.com"}, {"Range", "bytes=0-9"}};
  request.payload_hash = sha256_hex("");
  sign_sigv4(request, SigV4Scope(), s3_keys, s3_time());
  EXPECT_EQ(signature(request), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, S3ExamplePutObject) {
  SigV4Request request;
  request.method = "PUT";
  request.path = "/" + aws_uri_encode("test$file.text", true);
  request.headers = {{"Host", "examplebucket.s3.amazonaws.com"},
                     {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  request.payload_hash = sha256_hex("Welcome to Amazon S3.");
  sign_sigv4(request, SigV4Scope(), s3_keys, s3_time());
  EXPECT_EQ(signature(request), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, S3ExampleListObjects) {
  SigV4Request request;
  request.query = {{"max-keys", "2"}, {"prefix", "J"}};
  request.headers = {{"Host", "examplebucket.s3.amazonaws.com"}};
  request.payload_hash = sha256_hex("");
  sign_sigv4(request, SigV4Scope(), s3_keys, s3_time());
  EXPECT_EQ(signature(request), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, S3ExampleBucketLifecycle) {
  SigV4Request request;
  request.query = {{"lifecycle", ""}};
  request.headers = {{"Host", "examplebucket.s3.amazonaws.com"}};
  request.payload_hash = sha256_hex("");
  sign_sigv4(request, SigV4Scope(), s3_keys, s3_time());
  EXPECT_EQ(signature(request), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4, ASessionTokenIsSigned) {
  SigV4Request request = suite_request();
  AwsCredentials keys = suite_keys;
  keys.session_token = "token";
  sign_sigv4(request, suite_scope, keys, suite_time());
  EXPECT_NE(authorization(request).find("SignedHeaders=host;x-amz-date;x-amz-security-token,"), std::string::npos);
}

TEST(SigV4, OddKeysAreEncoded) {
  EXPECT_EQ(aws_uri_encode("a b+c(d):~=/\xC3\xBC", true), "a%20b%2Bc%28d%29%3A~%3D/%C3%BC");
  EXPECT_EQ(aws_uri_encode("a/b*'%"), "a%2Fb%2A%27%25");
}

TEST(SigV4, QueriesAreSortedAfterTheyAreEncoded) {
  EXPECT_EQ(canonical_query({{"prefix", "a b/\xC3\xBC"}, {"list-type", "2"}, {"tagging", ""}, {"a", "~"}, {"a", "+"}}),
            "a=%2B&a=~&list-type=2&prefix=a%20b%2F%C3%BC&tagging=");
}

TEST(SigV4, TheSecretIsNowhereInARequest) {
  SigV4Request request = suite_request();
  sign_sigv4(request, suite_scope, suite_keys, suite_time());
  for (const auto& [name, value] : request.headers)
    EXPECT_EQ(value.find(suite_keys.secret_access_key), std::string::npos);
}

}  // namespace
}  // namespace understudy
