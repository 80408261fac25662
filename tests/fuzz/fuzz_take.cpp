// Recordings from bytes: as they are, and with right checksums over whatever the payloads are.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "tests/fuzz/input.hpp"
#include "traffic/base/bytes.hpp"
#include "traffic/base/check.hpp"
#include "traffic/recording/take_packer.hpp"
#include "traffic/recording/take_reader.hpp"

namespace {

using namespace understudy;

// Blocks with valid headers, whose payloads and other fields are the fuzzer's.
std::string make_blocks(FuzzInput& input) {
  std::string text;
  TakePacker packer(1, nullptr);
  TakeHeader header;
  while (!input.empty()) {
    header.kind = static_cast<TakeBlockKind>(input.byte() % 6);
    header.flags = input.flag() ? take_flag::continued : std::uint16_t{0};
    header.number += input.byte() % 3;
    header.segment = input.byte() % 2;
    header.time_min = input.byte();
    header.time_max = input.byte();
    header.records = input.byte() % 4;
    packer.pack(header, input.bytes(input.byte()), 0, text);
  }
  return text;
}

void read_all(const std::string& path) {
  static_cast<void>(overview_of_take(path));
  auto source = open_take(path);
  if (!source) return;
  std::uint64_t count = 0;
  while (true) {
    const auto exchange = (*source)->next();
    if (!exchange || *exchange == nullptr) break;
    CHECK((*exchange)->memory() > 0 && !(*exchange)->request->message.raw_head().empty());
    ++count;
  }
  CHECK((*source)->report().exchanges == count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = "/tmp/understudy_fuzz_take_" + std::to_string(getpid());
  FuzzInput input(data, size);
  const bool is_raw = input.byte() == 0x89;
  const std::string text = is_raw ? std::string(as_text(ByteView(data, size))) : make_blocks(input);
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  CHECK(file != nullptr);
  CHECK(std::fwrite(text.data(), 1, text.size(), file) == text.size());
  CHECK(std::fclose(file) == 0);
  read_all(path);
  std::remove(path.c_str());
  return 0;
}
