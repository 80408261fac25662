#include <cerrno>
#include <system_error>

#include "traffic/base/system_error.hpp"

namespace understudy {

SystemError SystemError::last() { return {errno}; }

std::string SystemError::text() const { return std::generic_category().message(number); }

bool SystemError::is_permission() const { return number == EACCES || number == EPERM; }

bool SystemError::is_address_in_use() const { return number == EADDRINUSE; }

bool SystemError::is_disk_full() const { return number == ENOSPC || number == EDQUOT || number == EFBIG; }

}  // namespace understudy
