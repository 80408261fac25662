#include "agent/capture/capture_format.hpp"

#include "agent/capture/pcap_format.hpp"
#include "agent/capture/pcapng_format.hpp"

namespace understudy {

std::unique_ptr<CaptureFormat> detect_format(ByteView start) {
  std::unique_ptr<CaptureFormat> format = make_pcap_format(start);
  return format != nullptr ? std::move(format) : make_pcapng_format(start);
}

}  // namespace understudy
