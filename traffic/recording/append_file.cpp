#include "traffic/recording/append_file.hpp"

#include "traffic/base/check.hpp"

namespace understudy {

AppendFile::AppendFile(NativeHandle handle, bool owned, bool regular, RecordEnd record_end)
    : handle_(handle), owned_(owned), regular_(regular), record_end_(record_end) {}

bool AppendFile::append(std::string_view bytes) {
  if (failure_ != WriteFailure::none) return false;
  if (buffer_.size() + bytes.size() > buffer_size && !flush()) return false;
  if (bytes.size() > buffer_size) return write_out(bytes);
  buffer_.append(bytes);
  return true;
}

std::uint64_t AppendFile::commit() { return written_ + buffer_.size(); }

bool AppendFile::flush() {
  if (failure_ != WriteFailure::none) return false;
  if (!write_out(buffer_)) return false;
  buffer_.clear();
  return true;
}

void AppendFile::rewind(std::uint64_t position) {
  CHECK(position <= written_);
  buffer_.clear();
  failure_ = WriteFailure::none;
  if (position < written_ && !cut_to(position)) open_line_at_ = written_;
  end_open_line(written_);
}

void AppendFile::end_open_line(std::uint64_t position) {
  if (record_end_ == RecordEnd::newline && open_line_at_ == position) buffer_ = "\n";
}

std::string AppendFile::failure_text() const { return error_.text(); }

bool AppendFile::fail_with(WriteFailure failure, SystemError error) {
  failure_ = failure;
  error_ = error;
  return false;
}

}  // namespace understudy
