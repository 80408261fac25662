// Pairing: any events of one flow in the order that StreamHandler allows. The ledger must add up, each exchange must
// follow its request, and all memory must come back.
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/input.hpp"
#include "tests/unit/pairing/pairing_harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy;
  FuzzInput input(data, size);
  PairingOptions options = PairingHarness::recording();
  options.policy = input.policy();
  options.limits.head_max = 512;
  options.limits.body_max = 256;
  options.memory_max = 8192;
  options.held_bytes_max = 1024;
  options.unpaired_max = 8;
  const std::uint8_t needs = input.byte();
  options.needs = {
      .request_bodies = (needs & 1) != 0, .exchanges = (needs & 2) != 0, .response_bodies = (needs & 4) != 0};
  PairingHarness flow(options, (needs & 8) != 0);
  bool ended[2] = {false, false};
  while (!input.empty()) {
    const std::uint8_t choice = input.byte();
    const bool from_server = (choice & 1) != 0;
    const auto how = (choice & 2) != 0 ? StreamEnd::fin : StreamEnd::reset;
    if (ended[from_server]) continue;
    if (choice >= 0xf8) {
      ended[from_server] = true;
      (void)(from_server ? flow.server_end(how) : flow.client_end(how));
    } else if (choice >= 0xf0) {
      const std::uint64_t length = input.byte() + 1U;
      (void)(from_server ? flow.server_gap(length) : flow.client_gap(length));
    } else {
      const std::string_view bytes = input.bytes(choice);
      (void)(from_server ? flow.server(bytes) : flow.client(bytes));
    }
    if (flow.builder.memory() > options.memory_max || !flow.adds_up()) std::abort();
  }
  flow.end(static_cast<FlowEnd>(size % 5));
  const bool all_exchanged = !options.needs.exchanges || flow.handler.exchanges.size() == flow.handler.requests.size();
  if (flow.builder.memory() != 0 || !flow.adds_up() || !all_exchanged) std::abort();
  return 0;
}
