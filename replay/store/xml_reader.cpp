#include "replay/store/xml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace understudy {
namespace {

constexpr std::string_view white = " \t\r\n";

[[nodiscard]] bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text), size_(text.size()) {}

  [[nodiscard]] Result<XmlElement> document() {
    XmlElement root;
    if (!skip_misc() || !element(root, 1) || !skip_misc()) return error();
    if (!rest_.empty() && refuse("more behind its end")) return error();
    return root;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> error() const {
    return fail(ExitCode::target_invalid,
                fmt::format("this is not XML that can be read: {} at byte {}",
                            problem_.empty() ? "something strange" : problem_, size_ - rest_.size()));
  }
  bool refuse(std::string_view what) {
    if (problem_.empty()) problem_ = what;
    return true;
  }
  [[nodiscard]] bool bad(std::string_view what) { return !refuse(what); }

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  void skip_white() { rest_.remove_prefix(std::min(rest_.find_first_not_of(white), rest_.size())); }
  // Up to `end`, and over it.
  [[nodiscard]] bool take_until(std::string_view end, std::string_view& content) {
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) return bad("an end is missing");
    content = rest_.substr(0, at);
    rest_.remove_prefix(at + end.size());
    return true;
  }
  // Comments, declarations and processing instructions between elements.
  [[nodiscard]] bool skip_misc() {
    std::string_view ignored;
    while (true) {
      skip_white();
      if (take("<!--")) {
        if (!take_until("-->", ignored)) return false;
      } else if (take("<?")) {
        if (!take_until("?>", ignored)) return false;
      } else if (rest_.starts_with("<!")) {
        return bad("a document type");
      } else {
        return true;
      }
    }
  }
  [[nodiscard]] bool name(std::string_view& out) {
    const auto end = std::ranges::find_if_not(rest_, is_name);
    out = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(out.size());
    return !out.empty() || bad("a name is missing");
  }
  [[nodiscard]] bool attributes() {
    while (true) {
      const std::size_t before = rest_.size();
      skip_white();
      if (rest_.starts_with('>') || rest_.starts_with('/')) return true;
      if (before == rest_.size()) return bad("an attribute without a space before it");
      std::string_view ignored;
      if (!name(ignored)) return false;
      skip_white();
      if (!take("=")) return bad("an attribute without a value");
      skip_white();
      const std::string_view quote = rest_.substr(0, 1);
      if (quote != "\"" && quote != "'") return bad("a value without quotes");
      rest_.remove_prefix(1);
      if (!take_until(quote, ignored)) return false;
      if (ignored.find('<') != std::string_view::npos) return bad("'<' in a value");
    }
  }
  [[nodiscard]] bool element(XmlElement& out, std::size_t depth) {
    if (depth > xml_depth_max) return bad("nested too deeply");
    if (++elements_ > xml_elements_max) return bad("too many elements");
    std::string_view full_name;
    if (!take("<")) return bad("an element is missing");
    if (!name(full_name) || !attributes()) return false;
    const std::size_t colon = full_name.rfind(':');
    out.name = full_name.substr(colon == std::string_view::npos ? 0 : colon + 1);
    if (take("/>")) return true;
    if (!take(">")) return bad("a tag without an end");
    return content(out, full_name, depth);
  }
  [[nodiscard]] bool content(XmlElement& out, std::string_view full_name, std::size_t depth) {
    std::string_view piece;
    while (true) {
      const std::size_t text_size = std::min(rest_.find('<'), rest_.size());
      if (!append_text(out.text, rest_.substr(0, text_size))) return false;
      rest_.remove_prefix(text_size);
      if (rest_.empty()) return bad("an element without an end");
      if (take("</")) {
        if (!name(piece)) return false;
        skip_white();
        return (piece == full_name && take(">")) || bad("an end that does not match");
      }
      if (take("<![CDATA[")) {
        if (!take_until("]]>", piece)) return false;
        out.text += piece;
      } else if (rest_.starts_with("<!") || rest_.starts_with("<?")) {
        if (!skip_misc_inside()) return false;
      } else {
        if (!element(out.children.emplace_back(), depth + 1)) return false;
      }
    }
  }
  [[nodiscard]] bool skip_misc_inside() {
    std::string_view ignored;
    if (take("<!--")) return take_until("-->", ignored);
    if (take("<?")) return take_until("?>", ignored);
    return bad("a declaration inside an element");
  }
  [[nodiscard]] bool append_text(std::string& out, std::string_view text) {
    while (!text.empty()) {
      const std::size_t ampersand = std::min(text.find('&'), text.size());
      out += text.substr(0, ampersand);
      text.remove_prefix(ampersand);
      if (text.empty()) break;
      const std::size_t end = text.find(';');
      if (end == std::string_view::npos || !append_reference(out, text.substr(1, end - 1))) {
        return bad("an unknown reference");
      }
      text.remove_prefix(end + 1);
    }
    return true;
  }
  [[nodiscard]] static bool append_reference(std::string& out, std::string_view reference) {
    constexpr std::pair<std::string_view, char> known[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [text, character] : known) {
      if (reference == text) {
        out += character;
        return true;
      }
    }
    if (!reference.starts_with('#')) return false;
    reference.remove_prefix(1);
    const int base = reference.starts_with('x') ? 16 : 10;
    if (base == 16) reference.remove_prefix(1);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(reference.data(), reference.data() + reference.size(), code, base);
    if (error != std::errc() || end != reference.data() + reference.size()) return false;
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    append_utf8(out, code);
    return true;
  }

  std::string_view rest_;
  std::size_t size_;
  std::size_t elements_ = 0;
  std::string problem_;
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  const auto found = std::ranges::find(children, child_name, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlElement::text_of(std::string_view child_name) const {
  const XmlElement* const found = child(child_name);
  return found == nullptr ? std::string_view() : found->text;
}

Result<XmlElement> parse_xml(std::string_view text) { return Parser(text).document(); }

}  // namespace understudy
