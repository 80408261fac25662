// Recordings of GoReplay from bytes: any text, plain or packed, is read to its end within the limits.
#include <string>

#include "tests/fuzz/input.hpp"
#include "traffic/base/bytes.hpp"
#include "traffic/base/check.hpp"
#include "traffic/recording/gor_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy;
  FuzzInput input(data, size);
  GorReadOptions options;
  options.replayed_responses = input.flag();
  options.held_exchanges_max = 1 + input.byte() % 8;
  if (input.flag()) options.response_wait = Nanoseconds(input.byte());
  const std::string text(input.bytes(size));
  auto source = open_gor(std::make_unique<UnpackedInput>(memory_byte_input(text), "fuzz"), options);
  std::uint64_t given = 0;
  while (true) {
    const Result<ExchangePtr> exchange = source->next();
    CHECK(exchange.has_value());  // memory cannot fail
    if (*exchange == nullptr) break;
    CHECK((*exchange)->request->message.is_request());
    ++given;
  }
  CHECK(source->report().exchanges == given);
  CHECK(given * 20 <= text.size() * 1100);  // a record has a META, and gzip packs to 1/1032 at best
  return 0;
}
