// Framing: any bytes, in any pieces, with gaps, under any policy and small limits. The reader must end, keep within its
// budget and give all of it back.
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/input.hpp"
#include "tests/unit/http/reader_harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy;
  FuzzInput input(data, size);
  const FramingPolicy policy = input.policy();
  FramingLimits limits;
  limits.head_max = 512;
  limits.body_max = 256;
  limits.fields_max = 16;
  constexpr std::size_t memory = 4096;
  const MessageKind kind = input.flag() ? MessageKind::request : MessageKind::response;
  ReaderHarness harness(kind, policy, limits, memory, input.flag());
  const std::uint8_t keeping = input.byte();
  harness.handler.retain = static_cast<Retain>(keeping % 3);
  if (keeping >= 0x80) harness.handler.parser = &harness.parser;
  harness.handler.pause_after_each = input.flag();
  while (!input.empty()) {
    const std::uint8_t choice = input.byte();
    if (choice == 0xff)
      harness.gap(input.byte() + 1U);
    else if (choice == 0xfe)
      harness.handler.wait_at_next_head = true;
    else
      harness.feed(input.bytes(choice));
    if (harness.budget.used() > memory) std::abort();
  }
  harness.finish(size % 2 == 0);
  if (harness.budget.used() != 0) std::abort();
  return 0;
}
