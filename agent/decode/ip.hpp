// IPv4 (RFC 791) and IPv6 (RFC 8200) with their fragments.
#pragma once

#include "agent/decode/fragments.hpp"
#include "agent/decode/layer.hpp"

namespace understudy {

// Sets path's addresses. The rest ends where the header says, or where the wire does when the header says 0:
// segmentation offload leaves the length to the network card. Fragments are held by `fragments`; the one that completes
// a datagram leads on with the whole of it.
[[nodiscard]] Step decode_ip(const Layer& packet, PacketPath& path, FragmentReassembly& fragments);

}  // namespace understudy
