// A new file that is written from its beginning to its end, plain or as gzip (RFC 1952, one member).
//
// For conversions; a recording that grows while traffic is captured is an AppendFile. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/base/native_file.hpp"
#include "traffic/recording/jsonl_writer.hpp"

namespace understudy {

class PackedOutput final : public ByteSink {
 public:
  // Creates the file, readable by its owner and group only, or empties it; "-" is standard output.
  // ExitCode::output_failed.
  [[nodiscard]] static Result<std::unique_ptr<PackedOutput>> create(const std::string& path, bool gzip);
  ~PackedOutput() override;
  PackedOutput(const PackedOutput&) = delete;
  PackedOutput& operator=(const PackedOutput&) = delete;

  // False after a failure, which finish() tells.
  [[nodiscard]] bool append(std::string_view bytes) override;
  // Writes what is buffered, and closes. Nothing may be appended afterwards. ExitCode::output_failed.
  [[nodiscard]] Result<void> finish();
  // The failure so far, as finish() would tell it.
  [[nodiscard]] Result<void> status() const;

 private:
  class Gzip;

  PackedOutput(NativeFile file, std::string path, bool gzip);
  [[nodiscard]] bool write_out(std::string_view bytes);
  [[nodiscard]] bool pack(std::string_view bytes, bool last);

  NativeFile file_;
  const std::string path_;
  std::string buffer_;
  std::unique_ptr<Gzip> gzip_;
  std::optional<SystemError> failure_;
};

}  // namespace understudy
