// The packets of a pcap file (little endian, Ethernet), for the doubles of capture libraries to deliver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace understudy {

// A setting of a double is an environment variable; "" when there is none.
inline std::string double_setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

inline unsigned long double_number(const char* name) { return std::strtoul(double_setting(name).c_str(), nullptr, 10); }

class PlayedCapture {
 public:
  static constexpr std::size_t ethernet_header = 14;

  // A file that cannot be read has no packets.
  explicit PlayedCapture(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return;
    std::uint8_t piece[65536];
    while (const std::size_t got = std::fread(piece, 1, sizeof piece, file)) {
      file_.insert(file_.end(), piece, piece + got);
    }
    std::fclose(file);
  }

  // False at the end, and at a frame that is none.
  bool next(std::vector<std::uint8_t>& frame) {
    constexpr std::size_t record_header = 16;
    if (at_ + record_header > file_.size()) return false;
    std::uint32_t size = 0;
    std::memcpy(&size, file_.data() + at_ + 8, sizeof size);
    if (size < ethernet_header || at_ + record_header + size > file_.size()) return false;
    const std::uint8_t* const begin = file_.data() + at_ + record_header;
    frame.assign(begin, begin + size);
    at_ += record_header + size;
    return true;
  }

 private:
  static constexpr std::size_t file_header = 24;

  std::vector<std::uint8_t> file_;
  std::size_t at_ = file_header;
};

}  // namespace understudy
