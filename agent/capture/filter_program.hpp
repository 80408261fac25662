// Compiled packet filters (classic BPF).
//
// Thread safety: immutable after compile().
#pragma once

#include <pcap.h>

#include <string>
#include <vector>

#include "agent/capture/packet.hpp"
#include "agent/capture/packet_filter.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class FilterProgram {
 public:
  // For an open interface: libpcap knows there where the kernel keeps VLAN tags. Errors: bad_filter, with the
  // expression.
  [[nodiscard]] static Result<FilterProgram> compile(pcap_t* handle, const PacketFilter& filter);
  // For packets of a file.
  [[nodiscard]] static Result<FilterProgram> compile(LinkType link_type, const PacketFilter& filter);
  [[nodiscard]] static Result<FilterProgram> compile(LinkType link_type, const std::string& expression);

  [[nodiscard]] bool matches(const PacketView& packet) const;

  // For pcap_setfilter. Borrows from this object.
  [[nodiscard]] bpf_program program();
  [[nodiscard]] std::size_t instructions() const { return instructions_.size(); }

 private:
  explicit FilterProgram(std::vector<bpf_insn> instructions) : instructions_(std::move(instructions)) {}

  std::vector<bpf_insn> instructions_;
};

}  // namespace understudy
