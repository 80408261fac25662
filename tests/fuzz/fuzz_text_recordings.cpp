// JSON Lines, HTTP archives and access logs from bytes, and middleware lines.
#include <string>

#include "tests/fuzz/input.hpp"
#include "traffic/base/check.hpp"
#include "traffic/recording/access_log_source.hpp"
#include "traffic/recording/har_reader.hpp"
#include "traffic/recording/jsonl_reader.hpp"

namespace {

using namespace understudy;

void read(ExchangeSource& source) {
  while (true) {
    const Result<ExchangePtr> exchange = source.next();
    CHECK(exchange.has_value());  // memory cannot fail
    if (*exchange == nullptr) return;
    const HttpMessage& request = (*exchange)->request->message;
    // What a recording says in a value never becomes a line of a head.
    for (const FieldLine& field : request.fields()) {
      CHECK(request.value(field).find('\n') == std::string_view::npos);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t format = input.byte() % 3;
  const std::string text(input.bytes(size));
  auto bytes = std::make_unique<UnpackedInput>(memory_byte_input(text), "fuzz");
  static_cast<void>(first_jsonl_time(text));
  static_cast<void>(first_har_time(text));
  static_cast<void>(first_access_log_time(text));
  if (format == 0) read(*open_jsonl(std::move(bytes), {}));
  if (format == 1) read(*open_har(std::move(bytes), {}));
  if (format == 2) read(*open_access_log(std::move(bytes), {"a.test", {}}));
  return 0;
}
