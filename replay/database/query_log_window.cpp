#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "replay/database/connection.hpp"
#include "replay/database/query_log.hpp"
#include "traffic/base/native_file.hpp"

namespace understudy {
namespace {

constexpr std::size_t read_size = 256 * 1024;

tl::unexpected<Error> cannot_read(const std::string& path, SystemError error) {
  return fail(error.is_permission() ? ExitCode::permission : ExitCode::database_unfit,
              fmt::format("cannot read the server's log {}: {}", path, error.text()));
}

}  // namespace

Result<QueryLogWindow> QueryLogWindow::begin(const std::string& path, Nanoseconds zone_offset) {
  QueryLogWindow window;
  window.path_ = path;
  window.zone_offset_ = zone_offset;
  if (path.ends_with(".json")) {
    window.format_ = QueryLogFormat::json;
  } else if (!path.ends_with(".csv")) {
    return fail(ExitCode::database_unfit,
                fmt::format("cannot tell the format of the log {}: csvlog ends with .csv and jsonlog with .json "
                            "(log_destination)",
                            path));
  }
  const auto file = NativeFile::open_to_read(path);
  if (!file) return cannot_read(path, file.error());
  window.begin_ = file->size();
  window.file_id_ = file->id();
  return window;
}

Result<std::uint64_t> QueryLogWindow::read(const std::string& database, const QueryLogParser::Handler& handler) {
  auto file = NativeFile::open_to_read(path_);
  if (!file) return cannot_read(path_, file.error());
  note_.clear();
  std::uint64_t at = begin_;
  if (file->id() != file_id_ || file->size() < begin_) {
    at = 0;
    note_ = "The log was rotated in the run; what stood in the file before is not read. ";
  }
  QueryLogParser parser(format_, zone_offset_, [&](const LoggedStatement& statement) {
    if (statement.database == database && !is_own_query(statement.text)) handler(statement);
  });
  // To where it ends now: it may grow without end.
  const std::uint64_t end = file->size();
  std::vector<char> part(read_size);
  while (at < end) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), end - at));
    const auto count = file->read_at(at, part.data(), wanted);
    if (!count) return cannot_read(path_, count.error());
    if (*count == 0) break;
    parser.feed({part.data(), *count});
    at += *count;
  }
  return parser.skipped();
}

}  // namespace understudy
