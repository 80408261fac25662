#include "traffic/recording/access_log_source.hpp"

#include <deque>
#include <utility>

#include "traffic/recording/access_log_line.hpp"
#include "traffic/recording/line_input.hpp"
#include "traffic/recording/message_assembler.hpp"
#include "traffic/recording/report_counter.hpp"
#include "traffic/recording/session_names.hpp"

namespace understudy {
namespace {

constexpr std::size_t looked_at = std::size_t{64} << 10U;
constexpr std::size_t spread_max = 100'000;  // requests of one second that are spread over it together
constexpr Nanoseconds one_second = std::chrono::seconds(1);

class AccessLogSource final : public ExchangeSource {
 public:
  AccessLogSource(std::unique_ptr<UnpackedInput> input, const AccessLogOptions& options)
      : options_(options), first_look_(std::move(input)), window_(options.limits) {
    counter_.report.format = "access log";
    counter_.report.files = 1;
    counter_.report.sessions_known = false;
  }

  [[nodiscard]] Result<ExchangePtr> next() override {
    if (first_look_ != nullptr) {
      auto begun = begin();
      if (!begun) return tl::unexpected(begun.error());
    }
    while (true) {
      if (ExchangePtr exchange = next_in_order()) return give(std::move(exchange));
      if (at_end_) return nullptr;
      auto more = lines_->next(counter_.report);
      if (!more) return tl::unexpected(more.error());
      at_end_ = !*more;
      if (!at_end_) take_line(lines_->line());
    }
  }
  [[nodiscard]] const RecordingReport& report() const override { return counter_.report; }

 private:
  [[nodiscard]] Result<void> begin();
  void take_line(std::string_view line);
  void take_entry(std::string_view line);
  void note_damage(std::string_view line, std::string text) {
    counter_.report.note_damage({lines_->name(), lines_->position(), line.size(), std::move(text)});
  }
  [[nodiscard]] Result<std::shared_ptr<CapturedRequest>> make_request();
  [[nodiscard]] Result<CapturedResponse> make_response(const CapturedRequest& request);
  [[nodiscard]] ExchangePtr next_in_order();
  [[nodiscard]] ExchangePtr give(ExchangePtr exchange);
  void spread();

  const AccessLogOptions options_;
  std::unique_ptr<UnpackedInput> first_look_;  // until the kind is known
  std::optional<LineInput> lines_;
  std::optional<AccessLogParser> parser_;
  AccessLogEntry entry_;
  MessageAssembler assembler_;
  ReorderWindow window_;
  std::deque<std::shared_ptr<Exchange>> second_;  // exchanges of one second
  bool is_spread_ = false;                        // they have their times, and may be given
  ExchangePtr behind_;                            // the first one of the second behind it
  SessionCounts sessions_;
  ReportCounter counter_;
  bool at_end_ = false;
};

Result<void> AccessLogSource::begin() {
  auto filled = first_look_->fill(looked_at);
  if (!filled) return tl::unexpected(filled.error());
  // A log of no known kind is read as the most usual one, and its lines are damage.
  parser_.emplace(find_access_log_kind(first_look_->buffered()).value_or(AccessLogKind::combined));
  lines_.emplace(std::move(first_look_), access_log_line_max);
  return {};
}

Result<std::shared_ptr<CapturedRequest>> AccessLogSource::make_request() {
  MessageParts parts;
  parts.method = entry_.method;
  parts.target = entry_.target;
  parts.version = {1, entry_.is_http10 ? std::uint8_t{0} : std::uint8_t{1}};
  parts.content.emplace();
  const std::string& host = entry_.host.empty() ? options_.host : entry_.host;
  if (!host.empty()) parts.fields.push_back({"Host", host});
  if (!entry_.user_agent.empty()) parts.fields.push_back({"User-Agent", entry_.user_agent});
  if (!entry_.referer.empty()) parts.fields.push_back({"Referer", entry_.referer});
  auto message = assembler_.request(parts);
  if (!message) return tl::unexpected(message.error());
  auto request = std::make_shared<CapturedRequest>();
  request->message = std::move(*message);
  request->first_byte = entry_.time;
  request->last_byte = entry_.time;
  request->session = session_named(entry_.client + " " + entry_.user_agent);
  if (const auto address = IpAddress::parse(entry_.client)) request->client.address = *address;
  return request;
}

Result<CapturedResponse> AccessLogSource::make_response(const CapturedRequest& request) {
  MessageParts parts;
  parts.status = entry_.status;
  const bool has_no_body =
      entry_.method == "HEAD" || entry_.status < 200 || entry_.status == 204 || entry_.status == 304;
  if (has_no_body || (entry_.bytes == 0 && entry_.bytes_are_of_body)) {
    parts.content.emplace();
    if (!has_no_body) parts.fields.push_back({"Content-Length", "0"});
  } else {
    parts.content_size = std::max<std::uint64_t>(entry_.bytes, 1);
    if (entry_.bytes_are_of_body) parts.fields.push_back({"Content-Length", std::to_string(entry_.bytes)});
  }
  auto message = assembler_.response(parts, answers_to(request.message), true);
  if (!message) return tl::unexpected(message.error());
  CapturedResponse response;
  response.message = std::move(*message);
  response.first_byte = request.first_byte + entry_.took.value_or(Nanoseconds(0));
  response.last_byte = response.first_byte;
  return response;
}

void AccessLogSource::take_entry(std::string_view line) {
  if (entry_.method != "GET" && entry_.method != "HEAD") {
    return counter_.report.note_left_out("requests of other methods than GET and HEAD: a log has no bodies");
  }
  auto request = make_request();
  if (!request) return note_damage(line, "a line that is no request: " + request.error().message);
  auto response = make_response(**request);
  if (!response) return note_damage(line, "a line that is no response: " + response.error().message);
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(*request);
  exchange->response = std::move(*response);
  const WallTime written = entry_.time + entry_.took.value_or(Nanoseconds(0));
  window_.push(std::move(exchange), written);
}

void AccessLogSource::take_line(std::string_view line) {
  switch (parser_->parse(line, entry_)) {
    case AccessLogResult::entry: return take_entry(line);
    case AccessLogResult::nothing: return;
    case AccessLogResult::no_request:
      return counter_.report.note_left_out("lines of requests that the server could not read");
    case AccessLogResult::unreadable: return note_damage(line, "a line that is not of this log's form");
  }
}

// Gives the exchanges of one second their times.
void AccessLogSource::spread() {
  const auto count = static_cast<std::int64_t>(second_.size());
  std::int64_t index = 0;
  for (const auto& exchange : second_) {
    const Nanoseconds later = one_second * index++ / count;
    // Nobody else has the object yet.
    const auto request = std::const_pointer_cast<CapturedRequest>(exchange->request);
    request->first_byte += later;
    request->last_byte += later;
    if (exchange->response) {
      exchange->response->first_byte += later;
      exchange->response->last_byte += later;
    }
  }
  is_spread_ = true;
}

ExchangePtr AccessLogSource::next_in_order() {
  if (!parser_->has_whole_seconds()) return window_.pop(at_end_);
  while (true) {
    if (is_spread_ && !second_.empty()) {
      ExchangePtr exchange = std::move(second_.front());
      second_.pop_front();
      return exchange;
    }
    is_spread_ = false;
    ExchangePtr exchange = behind_ != nullptr ? std::exchange(behind_, nullptr) : window_.pop(at_end_);
    if (exchange == nullptr) {
      if (!at_end_ || second_.empty()) return nullptr;
      spread();
      continue;
    }
    const bool is_another = !second_.empty() && second_.front()->request->first_byte != exchange->request->first_byte;
    if (is_another || second_.size() == spread_max) {
      behind_ = std::move(exchange);
      spread();
      continue;
    }
    second_.push_back(std::const_pointer_cast<Exchange>(exchange));
  }
}

ExchangePtr AccessLogSource::give(ExchangePtr exchange) {
  sessions_.number(*exchange);
  counter_.count(*exchange);
  return exchange;
}

}  // namespace

std::unique_ptr<ExchangeSource> open_access_log(std::unique_ptr<UnpackedInput> input, const AccessLogOptions& options) {
  return std::make_unique<AccessLogSource>(std::move(input), options);
}

bool is_access_log(std::string_view first_bytes) { return find_access_log_kind(first_bytes).has_value(); }

std::optional<WallTime> first_access_log_time(std::string_view first_bytes) {
  const auto kind = find_access_log_kind(first_bytes);
  if (!kind) return std::nullopt;
  AccessLogParser parser(*kind);
  AccessLogEntry entry;
  while (!first_bytes.empty()) {
    const std::size_t end = std::min(first_bytes.find('\n'), first_bytes.size());
    std::string_view line = first_bytes.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (parser.parse(line, entry) == AccessLogResult::entry) return entry.time;
    first_bytes.remove_prefix(std::min(end + 1, first_bytes.size()));
  }
  return std::nullopt;
}

}  // namespace understudy
