#include "replay/route/identifier.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(Identifier, IsAValueOfOneThing) {
  for (const std::string_view text :
       {"0", "42", "20260102", "2026-01-02", "2026-01-02T03:04:05Z", "52.5163,13.3777",
        "5f0c2a7e-9d4b-4a57-b1d6-7e6b0d9f1c22", "5F0C2A7E-9D4B-4A57-B1D6-7E6B0D9F1C22", "8f3b2c1d", "deadbeef0",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0", "cjld2cjxh0000qzrmn831i7rn",
        "ord-12345", "cus_NffrFeUfNV2Hib", "usr_8f3b2c1d", "someone@example.com", "someone%40example.com"}) {
    EXPECT_TRUE(looks_like_identifier(text)) << text;
  }
}

TEST(Identifier, IsNotAName) {
  for (const std::string_view text : {"",
                                      "orders",
                                      "v1",
                                      "v2.1",
                                      "1.0",
                                      "api-v2",
                                      "deadbeef",
                                      "facade",
                                      "index.html",
                                      "mp3",
                                      "getUserDetails2",
                                      "blue-suede-shoes",
                                      "a-very-long-name-of-a-resource",
                                      "utf-8",
                                      "step-2",
                                      "-",
                                      "_",
                                      "oauth2",
                                      "s3",
                                      "{id}",
                                      "OrderServiceV2Endpoint",
                                      "well-known",
                                      "product_12"}) {
    EXPECT_FALSE(looks_like_identifier(text)) << text;
  }
}

}  // namespace
}  // namespace understudy
