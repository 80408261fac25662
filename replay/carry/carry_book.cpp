#include "replay/carry/carry_book.hpp"

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "replay/carry/carry_edit.hpp"
#include "replay/carry/carry_source.hpp"
#include "replay/carry/carry_values.hpp"

namespace understudy {
namespace {

constexpr std::size_t session_overhead = 160;  // of an index's entry and a list's node

}  // namespace

class CarryBook::Impl {
 public:
  Impl(CarryRules rules, const CarryLimits& limits, std::shared_ptr<CarriedForAll> for_all)
      : rules_(std::move(rules)), limits_(limits), for_all_(std::move(for_all)) {
    if (for_all_ == nullptr) {
      for_all_ = std::make_shared<CarriedForAll>(limits.values_in_all_max, limits.memory_max);
    }
  }

  void learn(SessionId session, const HttpMessage* recorded, const HttpMessage* replayed) {
    std::optional<CarrySourceReader> from_recorded;
    std::optional<CarrySourceReader> from_replayed;
    if (recorded != nullptr) from_recorded.emplace(*recorded, limits_.body_max);
    if (replayed != nullptr) from_replayed.emplace(*replayed, limits_.body_max);
    for (std::size_t i = 0; i < rules_.rules().size(); ++i) {
      const CarryRule& rule = rules_.rules()[i];
      if (rule.source == CarrySource::cookie && rule.source_name.empty()) {
        learn_cookies(session, i, from_recorded, from_replayed);
        continue;
      }
      auto old_value = from_recorded ? from_recorded->value(rule) : std::nullopt;
      auto new_value = from_replayed ? from_replayed->value(rule) : std::nullopt;
      if (!old_value && !new_value) continue;
      note(session, {i,
                     {},
                     std::move(old_value).value_or(std::string()),
                     std::move(new_value).value_or(std::string()),
                     new_value.has_value()});
    }
  }

  bool edit(SessionId session, const HttpMessage& request, HeadDraft& draft) {
    Lookup lookup(*this, session);
    CarryEdit edit(rules_, lookup, request, draft, limits_.body_max);
    edit.apply();
    if (edit.changed()) totals.edited_requests.add();
    if (edit.is_missing()) totals.missing_requests.add();
    return edit.changed();
  }

  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::size_t memory() const { return sizeof *this + memory_ + for_all_->memory(); }

  CarryTotals totals;

 private:
  struct Session {
    CarriedValues values;
    std::list<SessionId>::iterator use;  // in uses_
  };
  using Sessions = std::unordered_map<SessionId, Session>;

  // The values that the rules see from one session. Those of all sessions are copies, for they are shared.
  class Lookup final : public CarryLookup {
   public:
    Lookup(Impl& book, SessionId session) : book_(book), session_(book.find_session(session)) {}

    [[nodiscard]] const CarriedValue* find(const CarryKey& key, std::string_view recorded) override {
      if (is_for_all(key.rule)) return held(book_.for_all_->find(key, recorded));
      return session_ == nullptr ? nullptr : session_->values.find(key, recorded);
    }
    [[nodiscard]] const CarriedValue* latest(const CarryKey& key) override {
      if (is_for_all(key.rule)) return held(book_.for_all_->latest(key));
      return session_ == nullptr ? nullptr : session_->values.latest(key);
    }
    [[nodiscard]] std::vector<const CarriedValue*> of_rule(std::size_t rule) override {
      if (!is_for_all(rule))
        return session_ == nullptr ? std::vector<const CarriedValue*>() : session_->values.of_rule(rule);
      held_list_ = book_.for_all_->of_rule(rule);
      std::vector<const CarriedValue*> values;
      for (const CarriedValue& value : held_list_) values.push_back(&value);
      return values;
    }

   private:
    [[nodiscard]] bool is_for_all(std::size_t rule) const { return book_.rules_.rules()[rule].all_sessions; }
    [[nodiscard]] const CarriedValue* held(std::optional<CarriedValue> value) {
      held_ = std::move(value);
      return held_ ? &*held_ : nullptr;
    }

    Impl& book_;
    const Session* session_;
    std::optional<CarriedValue> held_;
    std::vector<CarriedValue> held_list_;
  };

  void learn_cookies(SessionId session, std::size_t rule, const std::optional<CarrySourceReader>& from_recorded,
                     const std::optional<CarrySourceReader>& from_replayed) {
    using Cookies = std::vector<std::pair<std::string_view, std::string_view>>;
    const Cookies recorded = from_recorded ? from_recorded->cookies() : Cookies();
    Cookies replayed = from_replayed ? from_replayed->cookies() : Cookies();
    for (const auto& [name, value] : recorded) {
      std::optional<std::string> found;
      for (const auto& [new_name, new_value] : replayed) {
        if (new_name == name) found = new_value;
      }
      std::erase_if(replayed, [wanted = name](const auto& cookie) { return cookie.first == wanted; });
      const bool learnt = found.has_value();
      if (value.empty()) {
        if (learnt) note(session, {rule, std::string(name), {}, std::move(*found), true});
        continue;
      }
      note(session, {rule, std::string(name), std::string(value), std::move(found).value_or(std::string()), learnt});
    }
    for (const auto& [name, value] : replayed) note(session, {rule, std::string(name), {}, std::string(value), true});
  }

  void note(SessionId id, CarriedValue value) {
    if (value.recorded.size() > limits_.value_max || value.replayed.size() > limits_.value_max ||
        value.name.size() > limits_.value_max) {
      totals.too_long.add();
      return;
    }
    (value.learnt ? totals.learnt : totals.not_learnt).add();
    if (rules_.rules()[value.rule].all_sessions) return totals.evicted.add(for_all_->note(std::move(value)));
    Session& session = session_of(id);
    memory_ -= session.values.memory();
    totals.evicted.add(session.values.note(std::move(value), limits_.values_per_session_max));
    memory_ += session.values.memory();
    while (sessions_.size() > 1 && (sessions_.size() > limits_.sessions_max || memory_ > limits_.memory_max)) {
      const auto oldest = sessions_.find(uses_.front());
      totals.evicted.add(oldest->second.values.size());
      forget(oldest);
    }
  }

  // Made if there is none, and used last.
  Session& session_of(SessionId id) {
    const auto [known, is_new] = sessions_.try_emplace(id);
    if (is_new) {
      known->second.use = uses_.insert(uses_.end(), id);
      memory_ += sizeof(Session) + session_overhead;
    } else {
      uses_.splice(uses_.end(), uses_, known->second.use);
    }
    return known->second;
  }

  // Null: it has no values.
  const Session* find_session(SessionId id) {
    const auto known = sessions_.find(id);
    if (known == sessions_.end()) return nullptr;
    uses_.splice(uses_.end(), uses_, known->second.use);
    return &known->second;
  }

  void forget(Sessions::iterator session) {
    memory_ -= session->second.values.memory() + sizeof(Session) + session_overhead;
    uses_.erase(session->second.use);
    sessions_.erase(session);
  }

  const CarryRules rules_;
  const CarryLimits limits_;
  Sessions sessions_;
  std::list<SessionId> uses_;  // the latest last
  std::size_t memory_ = 0;     // of the sessions
  std::shared_ptr<CarriedForAll> for_all_;
};

CarryBook::CarryBook(CarryRules rules, const CarryLimits& limits, std::shared_ptr<CarriedForAll> for_all)
    : impl_(std::make_unique<Impl>(std::move(rules), limits, std::move(for_all))) {}
CarryBook::~CarryBook() = default;
CarryBook::CarryBook(CarryBook&&) noexcept = default;
CarryBook& CarryBook::operator=(CarryBook&&) noexcept = default;

void CarryBook::learn(SessionId session, const HttpMessage* recorded, const HttpMessage* replayed) {
  impl_->learn(session, recorded, replayed);
}
bool CarryBook::edit(SessionId session, const HttpMessage& request, HeadDraft& draft) {
  return impl_->edit(session, request, draft);
}
bool CarryBook::empty() const { return impl_->empty(); }
const CarryTotals& CarryBook::totals() const { return impl_->totals; }
std::size_t CarryBook::memory() const { return impl_->memory(); }

}  // namespace understudy
