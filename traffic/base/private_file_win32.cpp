#include <windows.h>

#include <sddl.h>

#include "traffic/base/private_file.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

// Protected from what the folder above would pass on; passed on to files and folders in it (OICI); owner rights,
// built-in administrators and the local system: full access.
constexpr const wchar_t* private_rights = L"D:P(A;OICI;FA;;;OW)(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)";

class PrivateRights {
 public:
  PrivateRights() {
    is_made_ = ::ConvertStringSecurityDescriptorToSecurityDescriptorW(private_rights, SDDL_REVISION_1,
                                                                      &attributes_.lpSecurityDescriptor, nullptr) != 0;
  }
  ~PrivateRights() {
    const DWORD error = ::GetLastError();  // of the call that these were for
    if (is_made_) ::LocalFree(attributes_.lpSecurityDescriptor);
    ::SetLastError(error);
  }
  PrivateRights(const PrivateRights&) = delete;
  PrivateRights& operator=(const PrivateRights&) = delete;

  [[nodiscard]] bool is_made() const { return is_made_; }
  [[nodiscard]] SECURITY_ATTRIBUTES* attributes() { return &attributes_; }

 private:
  SECURITY_ATTRIBUTES attributes_{sizeof(SECURITY_ATTRIBUTES), nullptr, FALSE};
  bool is_made_ = false;
};

}  // namespace

NativeHandle open_private_file(const std::string& path, unsigned long access, unsigned long share,
                               unsigned long disposition) {
  PrivateRights rights;
  if (!rights.is_made()) return no_handle;
  const HANDLE handle = ::CreateFileW(to_wide(path).c_str(), access, share, rights.attributes(), disposition,
                                      FILE_ATTRIBUTE_NORMAL, nullptr);
  return handle == INVALID_HANDLE_VALUE ? no_handle : handle;
}

bool make_private_folder(const std::string& path) {
  PrivateRights rights;
  return rights.is_made() && ::CreateDirectoryW(to_wide(path).c_str(), rights.attributes()) != 0;
}

}  // namespace understudy
