// Divides --max-memory among everything of the agent that can grow.
//
// The bound covers the whole process: what it holds before the first packet (fixed), the kernel's capture buffer, which
// is mapped into it, and everything that traffic makes grow. What is left after fixed parts and capture buffers is
// divided:
//
//   part         share   holds                                                          limit enforced by
//   reassembly     1/8   out-of-order bytes and flow tables, over all workers            agent/reassembly
//   messages       7/8   messages being read, and those that outputs hold until their    MemoryPool, by leases of
//                        last holder lets go                                             each message
//
// One pool for a message's whole life, so that the largest body may be nearly as large as the pool. The outputs' queues
// together take at most three quarters of the pool, so that a hung shadow never keeps messages from being read, or from
// reaching its siblings. A queue takes one message over its limit when it holds nothing else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

struct BudgetRequest {
  std::size_t memory_bytes_max = 0;      // --max-memory
  std::size_t capture_buffer_bytes = 0;  // --buffer, for each handle; 0 when a file is read
  unsigned capture_handles = 1;          // workers times interfaces
  unsigned workers = 1;
  unsigned outputs = 0;            // targets and recordings
  std::size_t body_bytes_max = 0;  // --max-body
};

// All in bytes.
struct MemoryDivision {
  std::size_t total = 0;
  std::size_t fixed = 0;
  std::size_t capture_buffer = 0;  // one handle's; less than asked for where the bound wants it
  std::size_t reassembly_per_worker = 0;
  std::size_t messages = 0;             // of all workers and outputs together
  std::size_t body_max = 0;             // --max-body, lowered to what fits
  bool capture_buffer_lowered = false;  // for a line in the log
  bool body_max_lowered = false;

  // What each of so many outputs may hold in its queue. A function, because a reload changes their number.
  [[nodiscard]] std::size_t queue_share(std::size_t outputs) const;
};

// What the program itself needs: code, libraries, TLS, counters and histograms, threads' stacks.
inline constexpr std::size_t budget_fixed_bytes = std::size_t{16} << 20;

// Capture buffers together take at most a quarter of the bound; each is lowered to that when more was asked for.
// Errors: ExitCode::usage when the bound cannot hold the least that each part needs; the message names the least bound.
[[nodiscard]] Result<MemoryDivision> divide_memory(const BudgetRequest& request);

// One line for the log: "128 MiB: 16 fixed, 32 capture, 10 reassembly, 70 messages".
[[nodiscard]] std::string to_string(const MemoryDivision& budget, const BudgetRequest& request);

// Resident memory of this process now (/proc/self/statm). Empty where it cannot be read.
[[nodiscard]] std::optional<std::size_t> resident_bytes();

}  // namespace understudy
