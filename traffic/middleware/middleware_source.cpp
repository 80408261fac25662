#include "traffic/middleware/middleware_source.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "traffic/middleware/middleware_sink.hpp"

namespace understudy {
namespace {

// How long the end waits for a reader that is inside the inner source.
constexpr auto pipe_patience = std::chrono::seconds(1);
// The inner report is copied again after so many exchanges; its counts are kept exactly in between.
constexpr std::uint64_t exchanges_between_reports = 4096;

// A message is owned by one, so the response is made anew from its bytes.
[[nodiscard]] std::optional<CapturedResponse> copy_of(const CapturedResponse& response, const HttpMessage& request,
                                                      WholeMessageParser& parser) {
  const HttpMessage& message = response.message;
  const Body& body = message.body();
  const WholeMessageOptions options{.answers = answers_to(request), .may_be_cut = !response.complete};
  auto copy = body.is_kept() ? parser.parse_text(MessageKind::response, middleware_bytes(message), options)
                             : parser.parse_head_only(MessageKind::response, message.raw_head(), body.wire_size(),
                                                      body.content_size(), options);
  if (!copy) return std::nullopt;
  CapturedResponse result;
  result.first_byte = response.first_byte;
  result.last_byte = response.last_byte;
  result.message = std::move(*copy);
  result.complete = response.complete;
  return result;
}

// The exchange with another request.
[[nodiscard]] ExchangePtr with_request(const Exchange& exchange, RequestPtr request, WholeMessageParser& parser) {
  auto changed = std::make_shared<Exchange>();
  if (exchange.response) changed->response = copy_of(*exchange.response, exchange.request->message, parser);
  changed->request = std::move(request);
  return changed;
}

}  // namespace

class MiddlewareSource::Window : public std::enable_shared_from_this<Window> {
 public:
  Window(std::unique_ptr<ExchangeSource> inner, MiddlewareProcess& process, const MiddlewareSourceOptions& options,
         MiddlewareSourceCounts& counts)
      : inner_(std::move(inner)), process_(process), options_(options), counts_(counts) {}

  void start() {
    reader_ = std::thread([self = shared_from_this()] { self->read(); });
  }

  void stop() {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    has_room_.notify_all();
    const bool comes_back = changed_.wait_for(lock, pipe_patience, [this] { return !reading_; });
    lock.unlock();
    if (comes_back) {
      reader_.join();
    } else {
      reader_.detach();
    }
  }

  [[nodiscard]] Result<ExchangePtr> next() {
    std::unique_lock lock(mutex_);
    if (!std::exchange(begun_, true) && !options_.is_live) {
      changed_.wait_for(lock, options_.read_ahead_max, [this] { return (ended_ || full_) && unjudged_ == 0; });
    }
    while (true) {
      changed_.wait(lock, [this] { return entries_.empty() ? ended_ : entries_.front()->state != State::under_way; });
      if (entries_.empty()) return at_end();
      const std::shared_ptr<Entry> entry = std::move(entries_.front());
      entries_.pop_front();
      memory_ -= entry->memory;
      has_room_.notify_all();
      note(*entry);
      if (entry->state == State::passed) return std::move(entry->exchange);
      (entry->state == State::omitted ? counts_.omitted : counts_.failed).add();
    }
  }

  [[nodiscard]] const RecordingReport& report() const { return report_; }

 private:
  enum class State : std::uint8_t { under_way, passed, omitted, failed };
  struct Entry {
    ExchangePtr exchange;
    std::size_t memory = 0;
    std::uint64_t bytes_read = 0;  // of the recording, up to here
    State state = State::under_way;
  };

  // --- the reader's thread ---

  void read() {
    while (true) {
      Result<ExchangePtr> exchange = read_one();
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
      if (exchange && *exchange != nullptr) continue;
      if (!exchange) error_ = std::move(exchange.error());
      ended_ = true;
      changed_.notify_all();
      return;
    }
  }

  // Reads one and submits it. Null at the end, or when this is stopped.
  [[nodiscard]] Result<ExchangePtr> read_one() {
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return nullptr;
      reading_ = true;
    }
    Result<ExchangePtr> exchange = inner_->next();
    std::unique_lock lock(mutex_);
    reading_ = false;
    changed_.notify_all();
    if (stopped_ || !exchange || *exchange == nullptr) return exchange;
    auto entry = std::make_shared<Entry>();
    entry->exchange = *exchange;
    entry->memory = (*exchange)->memory();
    entry->bytes_read = inner_->report().bytes;
    if (!wait_for_room(lock, entry->memory)) return nullptr;
    memory_ += entry->memory;
    ++unjudged_;
    entries_.push_back(entry);
    lock.unlock();
    submit(entry);
    return exchange;
  }

  [[nodiscard]] bool wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t memory) {
    const auto fits = [&] {
      return stopped_ || entries_.empty() ||
             (entries_.size() < options_.exchanges_max && memory_ + memory <= options_.bytes_max);
    };
    if (!fits()) {
      full_ = true;
      changed_.notify_all();
      has_room_.wait(lock, fits);
      full_ = false;
    }
    return !stopped_;
  }

  void submit(const std::shared_ptr<Entry>& entry) {
    const RequestPtr& request = entry->exchange->request;
    if (!request->message.body().is_kept()) return settle(*entry, State::passed);
    MiddlewareMessage message;
    message.id = middleware_id(*request);
    message.start = request->first_byte;
    message.latency = request->last_byte - request->first_byte;
    message.bytes = middleware_bytes(request->message);
    message.done = [self = shared_from_this(), entry](MiddlewareVerdict verdict, std::string_view bytes) {
      self->judged(*entry, verdict, bytes);
    };
    if (!process_.submit_when_room(std::move(message))) settle(*entry, unjudged_state());
  }

  // --- the process's thread ---

  void judged(Entry& entry, MiddlewareVerdict verdict, std::string_view bytes) {
    if (verdict == MiddlewareVerdict::omitted) return settle(entry, State::omitted);
    if (verdict == MiddlewareVerdict::unjudged) return settle(entry, unjudged_state());
    const RequestPtr request = with_middleware_bytes(entry.exchange->request, bytes, parser_);
    if (request == nullptr) return settle(entry, unjudged_state());
    if (request != entry.exchange->request) {
      ExchangePtr changed = with_request(*entry.exchange, request, parser_);
      const std::lock_guard lock(mutex_);
      entry.exchange = std::move(changed);
    }
    settle(entry, State::passed);
  }

  // --- either ---

  [[nodiscard]] State unjudged_state() const { return options_.fail_open ? State::passed : State::failed; }

  void settle(Entry& entry, State state) {
    const std::lock_guard lock(mutex_);
    entry.state = state;
    --unjudged_;
    changed_.notify_all();
  }

  // --- the caller's thread, with the lock ---

  // The inner report tells what was read; only what was given counts here.
  void note(const Entry& entry) {
    if (given_ >= next_report_ && !reading_) {
      report_ = inner_->report();
      next_report_ = given_ + exchanges_between_reports;
    }
    ++given_;
    const WallTime time = entry.exchange->request->first_byte;
    first_ = std::min(first_.value_or(time), time);
    last_ = std::max(last_.value_or(time), time);
    if (entry.exchange->response) ++responses_;
    report_.bytes = entry.bytes_read;
    report_.exchanges = given_;
    report_.responses = responses_;
    report_.first = first_;
    report_.last = last_;
  }

  [[nodiscard]] Result<ExchangePtr> at_end() {
    report_ = inner_->report();
    if (error_) return tl::unexpected(*error_);
    return nullptr;
  }

  const std::unique_ptr<ExchangeSource> inner_;  // the reader's; the caller's while the reader is not inside it
  MiddlewareProcess& process_;
  const MiddlewareSourceOptions options_;
  MiddlewareSourceCounts& counts_;
  WholeMessageParser parser_;  // of the process's thread
  RecordingReport report_;     // the caller's
  std::uint64_t given_ = 0;
  std::uint64_t next_report_ = 0;  // when the inner report is copied again
  std::uint64_t responses_ = 0;    // of them
  std::optional<WallTime> first_;
  std::optional<WallTime> last_;
  bool begun_ = false;

  std::mutex mutex_;  // guards all below, and the entries
  std::condition_variable changed_;
  std::condition_variable has_room_;
  std::deque<std::shared_ptr<Entry>> entries_;
  std::uint64_t memory_ = 0;  // of entries_
  std::size_t unjudged_ = 0;  // of entries_
  std::optional<Error> error_;
  bool reading_ = false;  // the reader is inside the inner source
  bool full_ = false;     // it waits for room
  bool ended_ = false;
  bool stopped_ = false;
  std::thread reader_;
};

MiddlewareSource::MiddlewareSource(std::unique_ptr<ExchangeSource> inner, MiddlewareProcess& process,
                                   const MiddlewareSourceOptions& options, MiddlewareSourceCounts& counts)
    : window_(std::make_shared<Window>(std::move(inner), process, options, counts)) {
  window_->start();
}

MiddlewareSource::~MiddlewareSource() { window_->stop(); }
Result<ExchangePtr> MiddlewareSource::next() { return window_->next(); }
const RecordingReport& MiddlewareSource::report() const { return window_->report(); }

}  // namespace understudy
