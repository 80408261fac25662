// Edits requests with what a run learns: values carried from responses, and a token that a command gives anew.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "replay/carry/carry_book.hpp"
#include "replay/run/shard.hpp"

namespace understudy {

// A header's value that changes while requests are sent. Set from any thread, read from any.
class SharedHeader {
 public:
  SharedHeader(std::string name, std::string value)
      : name_(std::move(name)), value_(std::make_shared<const std::string>(std::move(value))) {}

  void set(std::string value) { value_.store(std::make_shared<const std::string>(std::move(value))); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::shared_ptr<const std::string> value() const { return value_.load(); }

 private:
  const std::string name_;
  std::atomic<std::shared_ptr<const std::string>> value_;
};

class CarryEditor final : public ReplayEditor {
 public:
  // `for_all` is shared by the editors of one target; `token` may be null, and outlives the editor.
  CarryEditor(CarryRules rules, std::shared_ptr<CarriedForAll> for_all, const SharedHeader* token)
      : book_(std::move(rules), CarryLimits{}, std::move(for_all)), token_(token) {}

  [[nodiscard]] bool wants(const CapturedRequest&) const override { return token_ != nullptr || !book_.empty(); }
  void edit(HeadDraft& draft, const CapturedRequest& request) override {
    if (token_ != nullptr) draft.set_field(token_->name(), *token_->value());
    if (!book_.empty()) static_cast<void>(book_.edit(request.session, request.message, draft));
  }
  void learn(const Exchange& recorded, const HttpMessage* response) override {
    if (book_.empty()) return;
    book_.learn(recorded.request->session, recorded.response ? &recorded.response->message : nullptr, response);
  }
  [[nodiscard]] const CarryTotals& totals() const { return book_.totals(); }

 private:
  CarryBook book_;
  const SharedHeader* token_;
};

}  // namespace understudy
