// Builds HTTP messages from their parts, for formats that keep them taken apart (JSON Lines, HAR, access logs).
//
// A body is given as content, without chunk framing. Where the head says that it was chunked, it becomes one chunk;
// where its Content-Length is not that of the content (which a redaction may have changed), or none is there and one is
// needed, it is set.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/http/whole_message.hpp"

namespace understudy {

struct MessagePart {
  std::string name;
  std::string value;
};

struct MessageParts {
  std::string method;  // requests
  std::string target;  // requests
  int status = 0;      // responses
  std::string reason;  // responses
  HttpVersion version;
  std::vector<MessagePart> fields;
  std::optional<std::string> content;  // of the body; nothing: only its size is known
  std::uint64_t content_size = 0;      // where the content is not there
};

// The first field of that name, compared without case; null where there is none.
[[nodiscard]] const MessagePart* find_field(const MessageParts& parts, std::string_view name);
// Removes every field of that name.
void remove_field(MessageParts& parts, std::string_view name);
// Replaces the first field of that name and removes further ones; appends one where there is none.
void set_field(MessageParts& parts, std::string_view name, std::string value);

class MessageAssembler {
 public:
  // ExitCode::recording_unreadable, with what is wrong: a line break or a zero byte in the head, an empty method or
  // target, a head that is none.
  [[nodiscard]] Result<HttpMessage> request(MessageParts& parts);
  // With `complete` false the body may be shorter than the head says.
  [[nodiscard]] Result<HttpMessage> response(MessageParts& parts, Answers answers, bool complete);

 private:
  [[nodiscard]] Result<HttpMessage> assemble(MessageKind kind, MessageParts& parts, const WholeMessageOptions& options);
  [[nodiscard]] Result<HttpMessage> parse(MessageKind kind, const MessageParts& parts,
                                          const WholeMessageOptions& options);

  WholeMessageParser parser_;
  std::string head_;
  std::string frame_;  // of a chunk
};

}  // namespace understudy
