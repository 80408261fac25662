#include <algorithm>
#include <fstream>

#include "replay/clone/tool_process.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t output_shown = 1000;

}  // namespace

std::string tool_output(const std::string& output_file, std::size_t size_max) {
  std::ifstream file(output_file, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::size_t>(file.tellg());
  const std::size_t kept = std::min(size, size_max);
  std::string text(kept, '\0');
  file.seekg(static_cast<std::streamoff>(size - kept));
  file.read(text.data(), static_cast<std::streamsize>(kept));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

std::string tool_output_end(const std::string& output_file) {
  std::string text = tool_output(output_file, output_shown);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  std::string shown;
  append_printable(shown, text);
  return shown.empty() ? "it wrote nothing" : shown;
}

}  // namespace understudy
