// The service's entries in the event log Application. Windows only.
#pragma once

#include <cstdint>
#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

// The identifiers are part of the interface: monitors filter by them. At most 1000: the texts come from
// EventCreate.exe, a message file that is on every Windows and has "%1" for each of these.
enum class EventId : std::uint16_t { started = 1, stopped = 2, failed = 3, installed = 4, limits = 5 };

// The source `understudy-agent`. Doing it twice is the same as once. ExitCode::permission, or service_failed.
[[nodiscard]] Result<void> register_event_source();
void remove_event_source();

// One entry. What cannot be written is lost: the log's own trouble must not become the service's. Any thread.
void write_event(EventId id, const std::string& text);

}  // namespace understudy
