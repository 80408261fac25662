#include "traffic/pipeline/queued_record.hpp"

namespace understudy {

QueuedRecord RecordMaker::make(const ExchangePtr& exchange) {
  const TakeExchange& view = view_.of(*exchange, rules_.rules().recording_redactor());
  if (take_record_bound(view) > record_size_max) return {{}, {}, exchange};
  pieces_.cut(view);
  QueuedRecord made{{}, view.request.first_byte, nullptr};
  pieces_.append_to(made.record);  // of just its size: what waits in the queue has no slack
  return made;
}

}  // namespace understudy
