#include "agent/safety/budget.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// What each part needs at least to be of any use.
constexpr std::size_t capture_buffer_least = mebibyte;  // a handle
constexpr std::size_t worker_least = 4 * mebibyte;      // of what is divided: 512 KiB reassembly, the rest messages
constexpr std::size_t output_least = 2 * mebibyte;      // of what is divided: a queue of 1 MiB

// Of what is divided, reassembly gets an eighth and messages get the rest; of that, the queues get three quarters.
constexpr std::size_t reassembly_share = 8;
constexpr std::size_t queue_quarters = 3;
// Of the pool, what the largest body leaves for its head and for what comes beside it.
constexpr std::size_t body_margin = mebibyte / 2;

constexpr std::size_t capture_share = 4;  // capture buffers take at most a quarter

std::size_t least_bound(const BudgetRequest& request) {
  const std::size_t capture = std::min(capture_buffer_least, request.capture_buffer_bytes) * request.capture_handles;
  const std::size_t divided = std::max(worker_least * request.workers, output_least * request.outputs);
  return std::max(budget_fixed_bytes + capture + divided, capture * capture_share);
}

}  // namespace

Result<MemoryDivision> divide_memory(const BudgetRequest& request) {
  const std::size_t total = request.memory_bytes_max;
  const std::size_t least = least_bound(request);
  if (total < least) {
    return fail(ExitCode::usage,
                fmt::format("--max-memory is {} bytes, but {} worker(s), {} capture buffer(s) and {} output(s) need at "
                            "least {} MiB: raise it, or use fewer workers, interfaces or outputs",
                            total, request.workers, request.capture_handles, request.outputs,
                            (least + mebibyte - 1) / mebibyte));
  }
  MemoryDivision division;
  division.total = total;
  division.fixed = budget_fixed_bytes;
  const std::size_t handles = std::max(request.capture_handles, 1U);
  const std::size_t workers = std::max(request.workers, 1U);
  // The quarter, and never so much that nothing is left to divide.
  const std::size_t divided_least = std::max(worker_least * request.workers, output_least * request.outputs);
  const std::size_t capture_max = std::min(total / capture_share, total - budget_fixed_bytes - divided_least);
  division.capture_buffer = std::min(request.capture_buffer_bytes, capture_max / handles);
  division.capture_buffer_lowered = division.capture_buffer < request.capture_buffer_bytes;

  const std::size_t divided = total - budget_fixed_bytes - division.capture_buffer * handles;
  division.reassembly_per_worker = divided / reassembly_share / workers;
  division.messages = divided - divided / reassembly_share;
  division.body_max = std::min(request.body_bytes_max, division.messages - body_margin);
  division.body_max_lowered = division.body_max < request.body_bytes_max;
  return division;
}

std::size_t MemoryDivision::queue_share(std::size_t outputs) const {
  return messages / 4 * queue_quarters / std::max<std::size_t>(outputs, 1);
}

std::string to_string(const MemoryDivision& division, const BudgetRequest& request) {
  const auto in_mib = [](std::size_t bytes) { return static_cast<double>(bytes) / static_cast<double>(mebibyte); };
  return fmt::format("{:.0f} MiB: {:.0f} fixed, {:.1f} capture, {:.1f} reassembly, {:.1f} messages",
                     in_mib(division.total), in_mib(division.fixed),
                     in_mib(division.capture_buffer * request.capture_handles),
                     in_mib(division.reassembly_per_worker * request.workers), in_mib(division.messages));
}

}  // namespace understudy
