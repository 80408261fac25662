#include "agent/capture/interfaces.hpp"

#include <algorithm>

namespace understudy {
namespace {

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool is_called(const Interface& interface, std::string_view text) {
  if (interface.name == text) return true;
  return !interface.device.empty() &&
         (same_but_for_case(interface.device, text) || same_but_for_case(interface.name, text));
}

}  // namespace understudy
