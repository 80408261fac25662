#include <windows.h>

#include <array>

#include "traffic/base/host_name.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {

std::string host_name() {
  std::array<wchar_t, 256> name{};
  auto size = static_cast<DWORD>(name.size());
  if (::GetComputerNameExW(ComputerNameDnsHostname, name.data(), &size) == 0) return {};
  return to_narrow({name.data(), size});
}

std::uint32_t process_id() { return ::GetCurrentProcessId(); }

}  // namespace understudy
