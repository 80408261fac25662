// The service's entry in the service control manager. Windows only.
#pragma once

#include <string>
#include <vector>

#include "agent/service/service_handles.hpp"
#include "agent/service/service_manager.hpp"

namespace understudy {

// What an entry can be put back to.
struct ServiceEntry {
  std::wstring command_line;
  DWORD start_type = SERVICE_DEMAND_START;
  bool is_delayed = false;
};

// REQUIRES: a handle with SERVICE_QUERY_CONFIG.
[[nodiscard]] Result<ServiceEntry> read_entry(SC_HANDLE service);

// Creates the entry, or brings it up to date: program, account, start, description, recovery, service SID, privileges.
// What this Windows does not know is a warning.
[[nodiscard]] Result<void> write_entry(const ServiceEntry& entry, std::vector<std::string>& warnings);

// Removes it and waits until it is gone. No entry: nothing to do.
[[nodiscard]] Result<void> delete_entry(Nanoseconds timeout);

}  // namespace understudy
