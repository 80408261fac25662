// One entry of an HTTP archive, made into an exchange. See har_reader.hpp for what becomes of what.
//
// Thread safety: one thread.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>

#include "traffic/base/error.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/recording/message_assembler.hpp"

namespace understudy {

class HarEntryReader {
 public:
  struct Entry {
    // Both null when the entry is left out. The request is free to be changed until it is given on.
    std::shared_ptr<Exchange> exchange;
    std::shared_ptr<CapturedRequest> request;
    std::string session;             // empty: not told
    std::string_view left_out = {};  // why
  };

  // ExitCode::recording_unreadable, with what is wrong.
  [[nodiscard]] Result<Entry> read(const boost::json::object& entry);

 private:
  [[nodiscard]] Result<CapturedResponse> read_response(const boost::json::object& response, const HttpMessage& request);

  MessageAssembler assembler_;
};

}  // namespace understudy
