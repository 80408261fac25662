// The pcapng format (draft-ietf-opsawg-pcapng): several sections and interfaces, enhanced, simple and obsolete packet
// blocks.
#pragma once

#include <memory>

#include "agent/capture/capture_format.hpp"

namespace understudy {

// Null when `start` (format_magic_size bytes) is not pcapng's.
[[nodiscard]] std::unique_ptr<CaptureFormat> make_pcapng_format(ByteView start);

}  // namespace understudy
