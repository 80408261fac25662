// Opens the capture: live engines, one for each worker, or a capture file.
#pragma once

#include <memory>
#include <vector>

#include "agent/capture/engine_choice.hpp"
#include "agent/capture/packet_filter.hpp"
#include "agent/options.hpp"

namespace understudy {

struct OpenedEngines {
  std::vector<std::unique_ptr<Engine>> engines;
  EngineChoice choice;  // empty for a capture file
};

// One engine for each worker; several share the packets of their interfaces by flow. `buffer_bytes` is each one's
// capture buffer. What interfaces do later (going away, coming back) is logged. Errors: as open_engine and
// open_capture_file.
[[nodiscard]] Result<OpenedEngines> open_engines(const CaptureSettings& capture, std::size_t buffer_bytes);

// Which engine captures and why, and a warning with its caveat if it has one.
void log_choice(const EngineChoice& choice);

// What the kernel is asked to let pass, out of the options.
[[nodiscard]] PacketFilter packet_filter(const CaptureSettings& capture);

}  // namespace understudy
