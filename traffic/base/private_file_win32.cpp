#include <windows.h>

#include <sddl.h>

#include "traffic/base/private_file.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {

NativeHandle open_private_file(const std::string& path, unsigned long access, unsigned long share,
                               unsigned long disposition) {
  // Protected from what the folder would pass on; owner rights, built-in administrators, local system: full access.
  constexpr const wchar_t* rights = L"D:P(A;;FA;;;OW)(A;;FA;;;BA)(A;;FA;;;SY)";
  SECURITY_ATTRIBUTES attributes{sizeof(SECURITY_ATTRIBUTES), nullptr, FALSE};
  if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(rights, SDDL_REVISION_1, &attributes.lpSecurityDescriptor,
                                                             nullptr) == 0) {
    return no_handle;
  }
  const HANDLE handle =
      ::CreateFileW(to_wide(path).c_str(), access, share, &attributes, disposition, FILE_ATTRIBUTE_NORMAL, nullptr);
  const DWORD error = ::GetLastError();
  ::LocalFree(attributes.lpSecurityDescriptor);
  ::SetLastError(error);
  return handle == INVALID_HANDLE_VALUE ? no_handle : handle;
}

}  // namespace understudy
