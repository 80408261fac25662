#include "agent/engines.hpp"

#include "agent/capture/file_engine.hpp"
#include "traffic/observe/log.hpp"

#include <fmt/format.h>

#include <random>

namespace understudy {

PacketFilter packet_filter(const CaptureSettings& capture) {
  PacketFilter filter;
  filter.ports = capture.ports;
  filter.addresses = capture.addresses;
  filter.tunnels = capture.tunnels;
  filter.expression = capture.bpf;
  return filter;
}

Result<OpenedEngines> open_engines(const CaptureSettings& capture, std::size_t buffer_bytes) {
  OpenedEngines opened;
  if (capture.read_path) {
    auto engine = open_capture_file({*capture.read_path, capture.bpf});
    if (!engine) return tl::unexpected(engine.error());
    opened.engines.push_back(std::move(*engine));
    return opened;
  }
  LiveOptions live;
  live.interfaces = capture.interfaces;
  live.filter = packet_filter(capture);
  live.buffer_bytes = buffer_bytes;
  live.snap_length = capture.snap_length;
  live.promiscuous = capture.promiscuous;
  live.delivery_delay = capture.delivery_delay;
  live.on_event = [](std::string_view text) { log_warning(text); };
  // Random, so that two agents on one host do not share a group, and with it each other's packets.
  if (capture.workers > 1) live.fan_out = PacketFanOut{static_cast<std::uint16_t>(std::random_device{}() & 0xFF00U)};
  std::string name = capture.engine;
  for (unsigned i = 0; i < capture.workers; ++i) {
    auto chosen = open_engine(engine_kinds(), name, live);
    if (!chosen) return tl::unexpected(chosen.error());
    if (i == 0) opened.choice = std::move(chosen->choice);
    name = opened.choice.chosen;  // the others are of the same kind
    opened.engines.push_back(std::move(chosen->engine));
  }
  return opened;
}

void log_choice(const EngineChoice& choice) {
  log_info(fmt::format("Capture engine: {}", to_string(choice)));
  if (!choice.caveat.empty()) log_warning(fmt::format("The capture engine {}: {}", choice.chosen, choice.caveat));
}

}  // namespace understudy
