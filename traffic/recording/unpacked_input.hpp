// A recording's text, in a window that its reader moves over it. Gzip (RFC 1952, also of several members one behind
// another) is found by its first bytes and unpacked on the way.
//
//   auto input = UnpackedInput::open("requests.gor.gz");
//   while (...) {
//     if (!*(*input)->fill(100)) ...;             // the end is near: fewer than 100 bytes are left
//     use((*input)->buffered());
//     (*input)->consume(40);
//   }
//
// Damage of the packing is no error: what could be unpacked before it is given, the next member behind it is looked
// for, and the place is told by take_damage(). Bytes of zero behind the last member are padding.
//
// Memory: the largest window asked for by fill(), and 192 KiB. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/recording/byte_input.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

class UnpackedInput {
 public:
  // "-" is standard input. Errors as open_byte_input().
  [[nodiscard]] static Result<std::unique_ptr<UnpackedInput>> open(const std::string& path);
  // `name` is for messages.
  UnpackedInput(std::unique_ptr<ByteInput> bytes, std::string name);
  ~UnpackedInput();
  UnpackedInput(const UnpackedInput&) = delete;
  UnpackedInput& operator=(const UnpackedInput&) = delete;

  // What was read and not consumed. Valid until the next fill().
  [[nodiscard]] std::string_view buffered() const { return std::string_view(window_).substr(consumed_); }
  // Reads on until at least `wanted` bytes are buffered. False: the end came first, and buffered() is all that is left.
  [[nodiscard]] Result<bool> fill(std::size_t wanted);
  // REQUIRES: count <= buffered().size().
  void consume(std::size_t count);

  // Of the first buffered byte, in the unpacked text.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  // Bytes read so far, as they lie on disk.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  // Damage of the packing that was found since the last call, oldest first.
  [[nodiscard]] std::optional<RecordingDamage> take_damage();

 private:
  class Gzip;

  // Appends some unpacked bytes to the window. False at the end.
  [[nodiscard]] Result<bool> read_some();
  [[nodiscard]] Result<bool> read_packed();
  [[nodiscard]] Result<bool> refill();
  void note_damage(std::string text, std::uint64_t length);

  const std::unique_ptr<ByteInput> bytes_;
  const std::string name_;
  std::string window_;
  std::size_t consumed_ = 0;  // of the window
  std::uint64_t position_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::string packed_;         // read, not unpacked yet
  std::size_t packed_at_ = 0;  // of packed_
  std::unique_ptr<Gzip> gzip_;
  std::uint64_t skipped_ = 0;  // packed bytes passed over while looking for a member
  bool known_ = false;         // whether it is packed was looked at
  bool at_end_ = false;        // of the bytes
  std::deque<RecordingDamage> damage_;
};

}  // namespace understudy
