// Errors of the operating system, as numbers and as words for a person. One source file per platform.
#pragma once

#include <string>

namespace understudy {

// errno, or GetLastError(): of this thread's last call that failed.
struct SystemError {
  int number = 0;

  [[nodiscard]] static SystemError last();

  // "No such file or directory", in the words of the system, without a full stop.
  [[nodiscard]] std::string text() const;
  // The user may not do this.
  [[nodiscard]] bool is_permission() const;
  // Of bind(): somebody has the port.
  [[nodiscard]] bool is_address_in_use() const;
  // No room is left: on the disk, of a quota, or below a limit of the file's size.
  [[nodiscard]] bool is_disk_full() const;
};

}  // namespace understudy
