// One recording, looked at and opened: its format by its content, then by its name.
//
// Thread safety: one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "replay/source/open_recording.hpp"
#include "traffic/recording/take_reader.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

struct RecordingFile {
  std::string path;
  RecordingFormat format = RecordingFormat::take;
  // The time of its first record, or of its first request where that is known exactly (.take). Empty: not known without
  // reading it.
  std::optional<WallTime> first;
  std::optional<WallTime> last;  // of its latest request, where the format tells without reading it (.take)
  bool encrypted = false;
};

// ExitCode::recording_unreadable, with what was found, for an empty or foreign file and for a later version.
[[nodiscard]] Result<RecordingFile> look_at_recording(const std::string& path);

// Opens a file of any format but .gor, whose files are read together (open_gor). `held_bytes_max` bounds what it holds
// for order. The bounds are for .take, which need not read what lies outside of them.
[[nodiscard]] Result<std::unique_ptr<ExchangeSource>> open_recording_file(const RecordingFile& file,
                                                                          const OpenOptions& options,
                                                                          std::size_t held_bytes_max,
                                                                          const std::optional<RecordingTime>& from,
                                                                          const std::optional<RecordingTime>& to);

// Standard input, of any format.
[[nodiscard]] Result<std::unique_ptr<ExchangeSource>> open_standard_input(const OpenOptions& options);

}  // namespace understudy
