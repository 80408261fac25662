#include "agent/reassembly/held_syn.hpp"

#include <algorithm>
#include <utility>

namespace understudy {

bool HeldSyn::confirmed_by(const TcpSegment& segment, Direction segment_direction) const {
  const auto fits = [this](std::uint32_t number) { return number == first() || number == after(); };
  const bool is_syn = (segment.flags & tcp_flag::syn) != 0;
  if (segment_direction == direction) {
    return !is_syn && !only_by_syn_ack && fits(segment.sequence);
  }
  return (is_syn || !only_by_syn_ack) && (segment.flags & tcp_flag::ack) != 0 && fits(segment.acknowledgment);
}

TcpSegment HeldSyn::replay(const TcpSegment& confirmation, Direction confirmation_direction) const {
  const bool same = confirmation_direction == direction;
  TcpSegment syn;
  syn.source = same ? confirmation.source : confirmation.destination;
  syn.destination = same ? confirmation.destination : confirmation.source;
  syn.network = confirmation.network;
  syn.sequence = sequence;
  syn.acknowledgment = acknowledgment;
  syn.window = window;
  syn.flags = flags;
  syn.payload = payload;
  syn.missing = missing;
  syn.time = time;
  return syn;
}

std::size_t HeldSyns::hold(HeldSyn syn) {
  auto held = std::make_unique<HeldSyn>(std::move(syn));
  std::unique_ptr<HeldSyn>* place = &own_;
  if (!held->own) {
    place = &others_[oldest_];
    bool known = false;
    for (auto& other : others_) {
      if (other != nullptr && other->sequence == held->sequence && other->direction == held->direction) {
        place = &other;
        known = true;
      }
    }
    if (!known) {
      oldest_ = (oldest_ + 1) % syns_max;
    }
  }
  segments_left_ = segments_max;
  const std::size_t given_up = *place == nullptr ? 0 : (*place)->payload.size();
  *place = std::move(held);
  return given_up;
}

std::unique_ptr<HeldSyn> HeldSyns::take_confirmed(const TcpSegment& segment, Direction direction) {
  for (auto& other : others_) {
    if (other != nullptr && other->confirmed_by(segment, direction)) {
      return std::move(other);
    }
  }
  return nullptr;
}

std::uint32_t HeldSyns::count_down() {
  const bool any = own_ != nullptr ||
                   std::any_of(others_.begin(), others_.end(), [](const auto& other) { return other != nullptr; });
  segments_left_ = any && segments_left_ > 0 ? segments_left_ - 1 : 0;
  return segments_left_;
}

std::size_t HeldSyns::payload_bytes() const {
  std::size_t sum = own_ == nullptr ? 0 : own_->payload.size();
  for (const auto& other : others_) {
    sum += other == nullptr ? 0 : other->payload.size();
  }
  return sum;
}

}  // namespace understudy
