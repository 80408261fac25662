#include "traffic/recording/session_names.hpp"

#include <charconv>
#include <memory>
#include <utility>

namespace understudy {

SessionId session_named(std::string_view name) {
  SessionId number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool has_leading_zero = name.size() > 1 && name.front() == '0';
  if (error == std::errc() && end == name.data() + name.size() && !has_leading_zero) return number;
  // FNV-1a of 64 bits, and the last steps of MurmurHash3, without which similar names differ in few bits.
  SessionId hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33U);
}

std::uint32_t SessionCounts::next(SessionId session) {
  if (const auto known = young_.find(session); known != young_.end()) return ++known->second;
  std::uint32_t index = 0;
  if (const auto known = old_.find(session); known != old_.end()) index = known->second + 1;
  if (young_.size() >= sessions_max / 2) {
    old_ = std::exchange(young_, {});
  }
  young_.emplace(session, index);
  return index;
}

void SessionCounts::number(const Exchange& exchange) {
  std::const_pointer_cast<CapturedRequest>(exchange.request)->index_in_session = next(exchange.request->session);
}

}  // namespace understudy
