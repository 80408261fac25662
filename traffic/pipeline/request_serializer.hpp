// Turns a captured request into the bytes for one target: the rules' edits, then what the target changes.
//
// Thread safety: one thread.
#pragma once

#include <string>

#include "traffic/http/exchange.hpp"
#include "traffic/http/message_writer.hpp"
#include "traffic/net/outbound.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

struct ForwardSinkOptions;

class RequestSerializer {
 public:
  // The rules outlive it.
  RequestSerializer(const CurrentRules& rules, const ForwardSinkOptions& options);

  // Fills in head, body, owner, session and what the response depends on. REQUIRES: `out` is clear. False: the request
  // cannot be sent to another server. Without edits it allocates nothing once `out` is warm.
  [[nodiscard]] bool write(RequestPtr request, OutboundRequest& out);

 private:
  [[nodiscard]] bool needs_draft(const HttpMessage& message, const RuleSet& rules) const;
  void edit(HeadDraft& draft, const CapturedRequest& request, const RuleSet& rules) const;
  [[nodiscard]] bool write_message(const HttpMessage& message, const CapturedRequest& request, OutboundRequest& out);

  CurrentRules::Reader rules_;
  ForwardingRules forwarding_;
  std::string authorization_;  // from the target's URL; empty: none. A secret
  bool forwarded_for_;
  std::string constant_fields_;  // whole lines that every request gets
  std::string fields_;           // the same and the ones of this request
};

}  // namespace understudy
