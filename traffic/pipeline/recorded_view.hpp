// An exchange as it is to be recorded in JSON: borrowed views, and the text that redaction put in place of the
// captured.
//
// Thread safety: one thread.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/http/exchange.hpp"
#include "traffic/recording/jsonl_writer.hpp"
#include "traffic/rules/redactor.hpp"

namespace understudy {

class RecordedView {
 public:
  // Valid until the next call, and as long as the exchange lives.
  [[nodiscard]] const RecordedExchange& of(const Exchange& exchange, const Redactor& redactor);

 private:
  [[nodiscard]] RecordedMessage view_message(const HttpMessage& message, WallTime time, const Redactor& redactor,
                                             std::vector<HeaderView>& headers, std::vector<std::string_view>& body);
  [[nodiscard]] std::string_view keep(std::string text);

  RecordedExchange view_;
  std::vector<HeaderView> request_headers_;
  std::vector<HeaderView> response_headers_;
  std::vector<std::string_view> request_body_;
  std::vector<std::string_view> response_body_;
  std::list<std::string> replaced_;  // a list, because views into it must stay where they are
};

}  // namespace understudy
