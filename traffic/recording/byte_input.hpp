// Where the bytes of a recording come from: a file, standard input, or memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

class ByteInput {
 public:
  virtual ~ByteInput() = default;
  // Reads at most `size` bytes, and waits for the first where the input is a pipe. 0 is the end. An error means that
  // the disk failed: ExitCode::recording_unreadable.
  [[nodiscard]] virtual Result<std::size_t> read(char* into, std::size_t size) = 0;
};

// "-" is standard input, which stays open afterwards. ExitCode::recording_unreadable, or ExitCode::permission where
// this user may not read.
[[nodiscard]] Result<std::unique_ptr<ByteInput>> open_byte_input(const std::string& path);

[[nodiscard]] std::unique_ptr<ByteInput> memory_byte_input(std::string bytes);

}  // namespace understudy
