#include "traffic/pipeline/queued_record.hpp"

#include "traffic/recording/take_record.hpp"

namespace understudy {

QueuedRecord RecordMaker::make(const ExchangePtr& exchange) {
  const TakeExchange& view = view_.of(*exchange, rules_.rules().recording_redactor());
  if (take_record_bound(view) > record_size_max) return {{}, {}, exchange};
  scratch_.clear();
  append_take_exchange(scratch_, view);
  // A copy of just its size: what waits in the queue has no slack.
  return {scratch_, view.request.first_byte, nullptr};
}

}  // namespace understudy
