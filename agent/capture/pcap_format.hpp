// The pcap format (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, and the variant of magic number
// 0xa1b2cd34 with its longer record headers.
#pragma once

#include <memory>

#include "agent/capture/capture_format.hpp"

namespace understudy {

// Null when `start` (format_magic_size bytes) is not pcap's.
[[nodiscard]] std::unique_ptr<CaptureFormat> make_pcap_format(ByteView start);

}  // namespace understudy
