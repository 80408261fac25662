#include "replay/report/xml_text.hpp"

#include "traffic/base/json_text.hpp"

namespace understudy {

std::string xml_text(std::string_view text) {
  std::string printable;
  append_printable(printable, text);
  std::string out;
  for (std::size_t i = 0; i < printable.size(); ++i) {
    const std::string_view rest = std::string_view(printable).substr(i);
    if (rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf")) {  // U+FFFE and U+FFFF
      out += "\xef\xbf\xbd";
      i += 2;
      continue;
    }
    switch (printable[i]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      default: out += printable[i];
    }
  }
  return out;
}

}  // namespace understudy
