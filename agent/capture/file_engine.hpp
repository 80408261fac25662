// Packets from a capture file or a pipe: pcap and pcapng, read by our own code.
#pragma once

#include <memory>
#include <string>

#include "agent/capture/engine.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct FileOptions {
  std::string path;        // "-" is standard input
  std::string expression;  // the user's filter in the language of pcap-filter(7); empty: all packets
};

// Reads pcap (both byte orders; micro- and nanoseconds; the variant 0xa1b2cd34) and pcapng. A pipe may deliver slowly:
// poll reports idle meanwhile.
//
// Errors at open: capture_unreadable (cannot be opened, or holds no capture), bad_filter. Errors of poll:
// capture_damaged, after every whole packet before the damage was handed out; the message names the file, the offset
// and what was wrong. A damaged block of pcapng with a sound length is skipped and told in such an error at the end.
// After an error, poll returns `end`. An empty file is no capture.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_capture_file(const FileOptions& options);

}  // namespace understudy
