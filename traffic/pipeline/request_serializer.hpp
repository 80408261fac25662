// Turns a captured request into the bytes for one target: the rules' edits, a caller's own, then what the target
// changes.
//
// Thread safety: one thread.
#pragma once

#include <string>

#include "traffic/http/exchange.hpp"
#include "traffic/http/message_writer.hpp"
#include "traffic/net/outbound.hpp"
#include "traffic/net/target.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

// Edits that depend on more than the request: values carried between responses and requests, a fresh token.
class RequestEditor {
 public:
  virtual ~RequestEditor() = default;
  // Whether edit() may have something to do; false saves making a draft.
  [[nodiscard]] virtual bool wants(const CapturedRequest& request) const = 0;
  virtual void edit(HeadDraft& draft, const CapturedRequest& request) = 0;
};

struct RequestSerializerOptions {
  TargetUrl target;
  bool original_host = false;
  bool forwarded_for = false;
  std::string marker_name;  // empty: no marker
  std::string marker_value;
  RequestEditor* editor = nullptr;  // after the rules; outlives the serializer
};

class RequestSerializer {
 public:
  // The rules outlive it.
  RequestSerializer(const CurrentRules& rules, const RequestSerializerOptions& options);

  // Fills in head, body, owner, session and what the response depends on. REQUIRES: `out` is clear. False: the request
  // cannot be sent to another server. Without edits it allocates nothing once `out` is warm.
  [[nodiscard]] bool write(RequestPtr request, OutboundRequest& out);

 private:
  [[nodiscard]] bool needs_draft(const CapturedRequest& request, const RuleSet& rules) const;
  void edit(HeadDraft& draft, const CapturedRequest& request, const RuleSet& rules) const;
  [[nodiscard]] bool write_message(const HttpMessage& message, const CapturedRequest& request, OutboundRequest& out);

  CurrentRules::Reader rules_;
  ForwardingRules forwarding_;
  std::string authorization_;  // from the target's URL; empty: none. A secret
  bool forwarded_for_;
  RequestEditor* editor_;
  std::string constant_fields_;  // whole lines that every request gets
  std::string fields_;           // the same and the ones of this request
};

}  // namespace understudy
