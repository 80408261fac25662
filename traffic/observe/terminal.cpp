#include "traffic/observe/terminal.hpp"

#include <atomic>

namespace understudy {
namespace {

std::atomic<bool> shown{false};

}  // namespace

void set_live_line_shown(bool is_shown) { shown.store(is_shown, std::memory_order_relaxed); }

bool live_line_shown() { return shown.load(std::memory_order_relaxed); }

}  // namespace understudy
