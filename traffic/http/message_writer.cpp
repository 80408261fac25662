#include "traffic/http/message_writer.hpp"

#include <algorithm>

#include "traffic/base/check.hpp"
#include "traffic/http/byte_scan.hpp"

namespace understudy {
namespace {

// The parts of an absolute-form target (RFC 9112 section 3.2.2): "http://authority/path?query".
struct AbsoluteForm {
  bool found = false;
  std::string_view authority;  // without user information
  std::string_view path;       // empty, or from '/' or '?' on
};

[[nodiscard]] AbsoluteForm split_absolute_form(std::string_view target) {
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos || colon == 0) return {};
  for (const char byte : target.substr(0, colon))
    if (!is_token_byte(byte)) return {};
  const std::string_view rest = target.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, end);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  return {!authority.empty(), authority, rest.substr(end)};
}

// Copies a head, leaving out and replacing stretches of it.
class Splice {
 public:
  Splice(const HttpMessage& message, std::string& out) : head_(message.raw_head()), out_(out) {}

  // Copies up to `begin`, and continues at `end`.
  void skip(std::size_t begin, std::size_t end) {
    out_ += head_.substr(copied_, begin - copied_);
    copied_ = end;
  }
  void copy_to(std::size_t end) { skip(end, end); }
  void add(std::string_view text) { out_ += text; }

 private:
  std::string_view head_;
  std::string& out_;
  std::size_t copied_ = 0;
};

void write_target(const HttpMessage& request, const AbsoluteForm& absolute, const ForwardingRules& rules,
                  Splice& splice) {
  const TextRange range = request.target_range();
  const std::string_view target = request.target();
  const std::string_view path = absolute.found ? absolute.path : target;
  const bool has_path = path.starts_with('/');
  if (!absolute.found && (!has_path || rules.base_path.empty())) return;
  splice.skip(range.offset, range.offset + range.length);
  // An absolute-form OPTIONS without a path means "*" (RFC 9112 section 3.2.4).
  if (absolute.found && path.empty() && request.method() == "OPTIONS") return splice.add("*");
  splice.add(rules.base_path);
  if (!has_path) splice.add("/");
  splice.add(path);
}

[[nodiscard]] bool goes_with_upgrade(std::string_view option) {
  return equals_ignoring_case(option, "upgrade") || equals_ignoring_case(option, "http2-settings");
}

// Removes options that end the connection or ask for another protocol.
void write_connection(const HttpMessage& request, std::size_t index, bool keep_upgrade, Splice& splice) {
  const auto is_removed = [keep_upgrade](std::string_view option) {
    return option.empty() || equals_ignoring_case(option, "close") || (!keep_upgrade && goes_with_upgrade(option));
  };
  const FieldLine& field = request.fields()[index];
  bool any_removed = false;
  bool any_kept = false;
  for (std::string_view list = request.value(field); !list.empty();) {
    const bool removed = is_removed(take_list_element(list));
    any_removed = any_removed || removed;
    any_kept = any_kept || !removed;
  }
  if (!any_removed) return;
  const std::size_t line_begin = field.name.offset;
  if (!any_kept) return splice.skip(line_begin, line_begin + request.field_line(index).size());
  splice.skip(field.value.offset, field.value.offset + field.value.length);
  bool is_first = true;
  for (std::string_view list = request.value(field); !list.empty();) {
    const std::string_view option = take_list_element(list);
    if (is_removed(option)) continue;
    if (!is_first) splice.add(", ");
    is_first = false;
    splice.add(option);
  }
}

[[nodiscard]] bool is_dropped(const HttpMessage& request, const FieldLine& field, bool keep_upgrade) {
  const std::string_view name = request.name(field);
  switch (name.size()) {
    case 6: return equals_ignoring_case(name, "expect") && equals_ignoring_case(request.value(field), "100-continue");
    case 7: return !keep_upgrade && equals_ignoring_case(name, "upgrade");
    case 14: return !keep_upgrade && equals_ignoring_case(name, "http2-settings");
    case 16: return equals_ignoring_case(name, "proxy-connection");
    default: return false;
  }
}

}  // namespace

bool is_forwardable(const HttpMessage& request) {
  if (request.method() == "CONNECT") return false;
  const std::string_view target = request.target();
  return target.starts_with('/') || target == "*" || split_absolute_form(target).found;
}

void write_request_head(const HttpMessage& request, const ForwardingRules& rules, std::string_view extra_fields,
                        std::string& out) {
  CHECK(request.is_request() && !request.raw_head().empty());
  const std::string_view target = request.target();
  const AbsoluteForm absolute = target.starts_with('/') ? AbsoluteForm{} : split_absolute_form(target);
  // RFC 9112 section 3.2.2: the authority of an absolute-form target wins over Host.
  const std::string_view host = rules.host.empty() ? absolute.authority : std::string_view(rules.host);

  Splice splice(request, out);
  write_target(request, absolute, rules, splice);
  bool has_host = false;
  for (std::size_t i = 0; i < request.fields().size(); ++i) {
    const FieldLine& field = request.fields()[i];
    const std::string_view name = request.name(field);
    const std::size_t line_begin = field.name.offset;
    if (name.size() == 4 && equals_ignoring_case(name, "host")) {
      const bool is_second = has_host;
      has_host = true;
      if (is_second) {
        splice.skip(line_begin, line_begin + request.field_line(i).size());
      } else if (!host.empty()) {
        splice.skip(field.value.offset, field.value.offset + field.value.length);
        splice.add(host);
      }
    } else if (name.size() == 10 && equals_ignoring_case(name, "connection")) {
      write_connection(request, i, rules.keep_upgrade, splice);
    } else if (is_dropped(request, field, rules.keep_upgrade)) {
      splice.skip(line_begin, line_begin + request.field_line(i).size());
    }
  }
  splice.copy_to(request.empty_line_offset());
  if (!has_host && !host.empty()) {
    splice.add("Host: ");
    splice.add(host);
    splice.add("\r\n");
  }
  splice.add(extra_fields);
  splice.copy_to(request.raw_head().size());
}

}  // namespace understudy
