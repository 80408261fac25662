#include "replay/run/target_source.hpp"

#include <utility>
#include <variant>

namespace understudy {

bool TargetSource::next(OutboundRequest& out) {
  if (due_.empty()) return false;
  out.ticket = due_.front();
  out.session = flights_.at(out.ticket).item.session;
  due_.pop_front();
  return true;
}

bool TargetSource::prepare(OutboundRequest& out) {
  if (!out.head.empty()) return true;  // for a connection that took no byte of it
  const Scheduled& item = flights_.at(out.ticket).item;
  if (!serializer_.write(item.exchange->request, out)) return false;
  out.session = item.session;
  out.captured_at = {};  // long ago: there is no delay from the wire to measure
  return true;
}

void TargetSource::finished(const OutboundRequest& request, const Outcome& outcome) {
  if (const auto* reason = std::get_if<LossReason>(&outcome)) return lose(request, *reason);
  const Delivered& delivered = std::get<Delivered>(outcome);
  TargetAnswer answer;
  answer.status = delivered.status;
  answer.latency = delivered.latency;
  if (delivered.response != nullptr) answer.response = std::move(*delivered.response);
  owner_.on_answer(index_, request.ticket, request, std::move(answer));
}

void TargetSource::discard_queue(LossReason reason) {
  OutboundRequest request;
  // Whoever is told of a loss may hand on another request: only those that are here now are discarded.
  for (std::size_t count = due_.size(); count > 0 && !due_.empty(); --count) {
    request.ticket = due_.front();
    due_.pop_front();
    lose(request, reason);
  }
}

void TargetSource::lose(const OutboundRequest& request, LossReason reason) {
  TargetAnswer answer;
  answer.lost = reason;
  owner_.on_answer(index_, request.ticket, request, std::move(answer));
}

}  // namespace understudy
