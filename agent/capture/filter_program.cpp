#include "agent/capture/filter_program.hpp"

#include <fmt/format.h>

#include <memory>

#include "agent/capture/bpf_expression.hpp"
#include "agent/capture/link_type.hpp"

namespace understudy {
namespace {

using Instructions = std::vector<bpf_insn>;

Result<Instructions> compile_text(pcap_t* handle, const std::string& expression) {
  bpf_program program{};
  if (::pcap_compile(handle, &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return fail(ExitCode::bad_filter,
                fmt::format("the packet filter '{}' does not compile for {}: {}; see pcap-filter(7)", expression,
                            ::pcap_datalink_val_to_name(::pcap_datalink(handle)), ::pcap_geterr(handle)));
  }
  Instructions instructions(program.bf_insns, program.bf_insns + program.bf_len);
  ::pcap_freecode(&program);
  return instructions;
}

// Both must match: where `first` returns that it does, it goes on into `second` instead. As text the two could not be
// joined, since `vlan` and its like in one move the offsets in the other. Programs of libpcap begin without assumptions
// about the registers, and jump forward only, so that one may follow another.
Instructions both(Instructions first, const Instructions& second) {
  const std::size_t size = first.size();
  for (std::size_t i = 0; i < size; ++i) {
    bpf_insn& instruction = first[i];
    if (instruction.code == (BPF_RET | BPF_K) && instruction.k != 0) {
      instruction = {BPF_JMP | BPF_JA, 0, 0, static_cast<bpf_u_int32>(size - i - 1)};
    }
  }
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Result<Instructions> compile_filter(pcap_t* handle, const PacketFilter& filter) {
  Result<Instructions> ours = compile_text(handle, bpf_expression(filter, link_type_of_dlt(::pcap_datalink(handle))));
  if (!ours || filter.expression.empty()) {
    return ours;
  }
  Result<Instructions> users = compile_text(handle, filter.expression);
  if (!users) {
    return users;
  }
  return both(*std::move(ours), *users);
}

struct CloseHandle {
  void operator()(pcap_t* handle) const { ::pcap_close(handle); }
};

std::unique_ptr<pcap_t, CloseHandle> handle_for(LinkType link_type) {
  constexpr int snap_length = 262144;
  return std::unique_ptr<pcap_t, CloseHandle>(::pcap_open_dead(dlt_of_link_type(link_type), snap_length));
}

}  // namespace

Result<FilterProgram> FilterProgram::compile(pcap_t* handle, const PacketFilter& filter) {
  return compile_filter(handle, filter).map([](Instructions&& done) { return FilterProgram(std::move(done)); });
}

Result<FilterProgram> FilterProgram::compile(LinkType link_type, const PacketFilter& filter) {
  return compile(handle_for(link_type).get(), filter);
}

Result<FilterProgram> FilterProgram::compile(LinkType link_type, const std::string& expression) {
  return compile_text(handle_for(link_type).get(), expression).map([](Instructions&& done) {
    return FilterProgram(std::move(done));
  });
}

bool FilterProgram::matches(const PacketView& packet) const {
  return ::bpf_filter(instructions_.data(), packet.data.data(), packet.wire_length,
                      static_cast<unsigned>(packet.data.size())) != 0;
}

bpf_program FilterProgram::program() { return {static_cast<unsigned>(instructions_.size()), instructions_.data()}; }

}  // namespace understudy
