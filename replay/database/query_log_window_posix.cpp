#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "replay/database/connection.hpp"
#include "replay/database/query_log.hpp"

namespace understudy {
namespace {

constexpr std::size_t read_size = 256 * 1024;

class File {
 public:
  explicit File(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<Error> cannot_read(const std::string& path) {
  const int error = errno;
  const bool is_denied = error == EACCES || error == EPERM;
  return fail(is_denied ? ExitCode::permission : ExitCode::database_unfit,
              fmt::format("cannot read the server's log {}: {}", path, std::strerror(error)));
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
  const File file(path);
  struct stat status {};
  if (file.descriptor() < 0 || fstat(file.descriptor(), &status) != 0) return cannot_read(path);
  window.begin_ = static_cast<std::uint64_t>(status.st_size);
  window.file_id_ = status.st_ino;
  return window;
}

Result<std::uint64_t> QueryLogWindow::read(const std::string& database, const QueryLogParser::Handler& handler) {
  const File file(path_);
  struct stat status {};
  if (file.descriptor() < 0 || fstat(file.descriptor(), &status) != 0) return cannot_read(path_);
  note_.clear();
  std::uint64_t at = begin_;
  if (status.st_ino != file_id_ || static_cast<std::uint64_t>(status.st_size) < begin_) {
    at = 0;
    note_ = "The log was rotated in the run; what stood in the file before is not read. ";
  }
  QueryLogParser parser(format_, zone_offset_, [&](const LoggedStatement& statement) {
    if (statement.database == database && !is_own_query(statement.text)) handler(statement);
  });
  // To where it ends now: it may grow without end.
  const auto end = static_cast<std::uint64_t>(status.st_size);
  std::vector<char> part(read_size);
  while (at < end) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), end - at));
    const ssize_t count = pread(file.descriptor(), part.data(), wanted, static_cast<off_t>(at));
    if (count < 0) return cannot_read(path_);
    if (count == 0) break;
    parser.feed({part.data(), static_cast<std::size_t>(count)});
    at += static_cast<std::uint64_t>(count);
  }
  return parser.skipped();
}

}  // namespace understudy
