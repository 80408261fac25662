// Judging a request allocates nothing in the common cases: counted, by replacing operator new in this program.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/support/messages.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

// Not inlined, or the compiler sees free() of memory from operator new and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace understudy {
namespace {

TEST(Admit, AllocatesNothing) {
  RuleOptions options;
  options.deny = {"method=TRACE,CONNECT",
                  "client=10.0.0.0/8",
                  "header:User-Agent=~bot",
                  "param:internal",
                  "cookie:optout=1",
                  "param:name=caf\xc3\xa9",
                  "path=~\\.(css|js)$ and !header:Authorization"};
  options.allow = {"path=~^/api/v[0-9]+/", "url=~session=[a-f0-9]+"};
  options.sample = {"50% by cookie:sid", "100%", "50% by client", "100% by header:X-User"};
  options.limit = "1000000/s";
  const auto rules = compile_rules(options).value();
  const auto request = test::capture_get("/api/v2/users?name=cafe%20x&session=0f",
                                         "User-Agent: browser\r\nCookie: a=b; sid=12345\r\nX-User: someone\r\n");
  RandomSource random(1);
  // The first calls build the expressions' automata.
  for (int i = 0; i < 10; ++i) static_cast<void>(rules->admit(*request, random));
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) static_cast<void>(rules->admit(*request, random));
  EXPECT_EQ(allocations - before, 0U);
}

TEST(Admit, TheCounterCounts) {
  const std::size_t before = allocations;
  delete new int(1);
  EXPECT_EQ(allocations - before, 1U);
}

}  // namespace
}  // namespace understudy
