#include "agent/capture/link_type.hpp"

#include <fmt/format.h>
#include <pcap.h>

#include "agent/capture/interfaces.hpp"

namespace understudy {
namespace {

constexpr int dlt_raw_openbsd = 14;  // DLT_RAW there; 12 elsewhere

}  // namespace

LinkType link_type_of_dlt(int dlt) {
  return dlt == DLT_RAW || dlt == dlt_raw_openbsd ? link_type::raw_ip : static_cast<LinkType>(dlt);
}

int dlt_of_link_type(LinkType link_type) { return link_type == link_type::raw_ip ? DLT_RAW : link_type; }

std::string link_type_name(LinkType link_type) {
  const char* name = ::pcap_datalink_val_to_name(dlt_of_link_type(link_type));
  const char* description = ::pcap_datalink_val_to_description(dlt_of_link_type(link_type));
  return name != nullptr && description != nullptr ? fmt::format("{} ({})", name, description)
                                                   : fmt::format("link type {}", link_type);
}

}  // namespace understudy
