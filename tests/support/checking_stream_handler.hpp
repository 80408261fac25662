// A StreamHandler that holds reassembly to its contract (agent/reassembly/stream_handler.hpp) and keeps what was told.
//
// Checked on every call: the flow was begun and not ended, its state is the one this handler returned, offsets follow
// one another without a hole or a repetition, nothing is empty, nothing follows a direction's end, each end comes once,
// and the state is destroyed after on_flow_end. What breaks it is kept in violations(); a test expects that to be
// empty.
//
// Not thread-safe. Must outlive the flow table it serves.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/reassembly/stream_handler.hpp"

namespace understudy {

// What was told of one direction.
struct ToldStream {
  struct Piece {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::optional<GapCause> gap;  // none: data
    WallTime time;
  };
  std::vector<Piece> pieces;
  std::string bytes;  // the data alone, if bytes are kept
  std::string text;   // the data with gaps and end in it, as "GET <missing 12> HTTP<cut 3><fin>", if bytes are kept
  std::uint64_t next = 0;
  std::optional<StreamEnd> end;
};

struct ToldFlow {
  FlowInfo info;
  ToldStream to_server;
  ToldStream to_client;
  std::optional<FlowEnd> end;
  bool state_alive = false;

  [[nodiscard]] ToldStream& stream(Direction direction) {
    return direction == Direction::to_server ? to_server : to_client;
  }
};

class CheckingStreamHandler final : public StreamHandler {
 public:
  // `keep`: remember flows that ended, and the bytes of all. A fuzzer runs without.
  explicit CheckingStreamHandler(bool keep = true) : keep_(keep) {}
  CheckingStreamHandler(const CheckingStreamHandler&) = delete;
  CheckingStreamHandler& operator=(const CheckingStreamHandler&) = delete;

  std::unique_ptr<FlowState> on_flow_begin(const FlowInfo& flow) override {
    expect(ids_.insert(flow.id).second, "two flows with one id");
    auto told = std::make_shared<ToldFlow>();
    told->info = flow;
    told->state_alive = true;
    flows_by_id_[flow.id] = told;
    if (keep_) {
      flows_.push_back(told);
    }
    return std::make_unique<State>(*this, told);
  }

  void on_data(FlowState* state, Direction direction, std::uint64_t offset, ByteView data, WallTime time) override {
    ToldStream* stream = open_stream(state, direction);
    if (stream == nullptr) {
      return;
    }
    expect(!data.empty(), "data without bytes");
    advance(*stream, offset, data.size(), std::nullopt, time);
    bytes_told_ += data.size();
    if (keep_) {
      stream->bytes.append(as_text(data));
      stream->text.append(as_text(data));
    }
  }

  void on_gap(FlowState* state, Direction direction, std::uint64_t offset, std::uint64_t length, GapCause cause,
              WallTime time) override {
    ToldStream* stream = open_stream(state, direction);
    if (stream == nullptr) {
      return;
    }
    expect(length != 0, "gap without a length");
    advance(*stream, offset, length, cause, time);
    if (keep_) {
      stream->text += (cause == GapCause::missing ? "<missing " : "<cut ") + std::to_string(length) + ">";
    }
  }

  void on_end(FlowState* state, Direction direction, StreamEnd end, WallTime /*time*/) override {
    if (ToldStream* stream = open_stream(state, direction)) {
      stream->end = end;
      stream->text += end == StreamEnd::fin ? "<fin>" : "<reset>";
    }
  }

  void on_flow_end(FlowState* state, FlowEnd end, WallTime /*time*/) override {
    if (ToldFlow* flow = open_flow(state)) {
      flow->end = end;
      ended_id_ = flow->info.id;
    }
  }

  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  // In the order they began.
  [[nodiscard]] const std::vector<std::shared_ptr<ToldFlow>>& flows() const { return flows_; }
  // Flows that were begun and whose state was not destroyed yet.
  [[nodiscard]] std::size_t open_flows() const { return flows_by_id_.size(); }
  [[nodiscard]] std::uint64_t bytes_told() const { return bytes_told_; }

 private:
  struct State final : FlowState {
    State(CheckingStreamHandler& handler, std::shared_ptr<ToldFlow> told) : owner(handler), flow(std::move(told)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() override {
      flow->state_alive = false;
      owner.flows_by_id_.erase(flow->info.id);
      owner.expect(flow->end.has_value(), "state destroyed before the flow's end");
    }
    CheckingStreamHandler& owner;
    std::shared_ptr<ToldFlow> flow;
  };

  void expect(bool holds, const char* what) {
    if (!holds) {
      violations_.emplace_back(what);
    }
  }

  ToldFlow* open_flow(FlowState* state) {
    expect(ended_id_ == 0 || !flows_by_id_.contains(ended_id_), "state kept after the flow's end");
    auto* ours = dynamic_cast<State*>(state);
    expect(ours != nullptr, "event without the flow's state");
    if (ours == nullptr) {
      return nullptr;
    }
    expect(!ours->flow->end.has_value(), "event after the flow's end");
    return ours->flow.get();
  }

  ToldStream* open_stream(FlowState* state, Direction direction) {
    ToldFlow* flow = open_flow(state);
    if (flow == nullptr) {
      return nullptr;
    }
    ToldStream& stream = flow->stream(direction);
    expect(!stream.end.has_value(), "event after the stream's end");
    return &stream;
  }

  void advance(ToldStream& stream, std::uint64_t offset, std::uint64_t length, std::optional<GapCause> gap,
               WallTime time) {
    expect(offset == stream.next, "offset does not follow the one before");
    if (keep_) {
      stream.pieces.push_back({.offset = offset, .length = length, .gap = gap, .time = time});
    }
    stream.next = offset + length;
  }

  const bool keep_;
  std::vector<std::string> violations_;
  std::vector<std::shared_ptr<ToldFlow>> flows_;
  std::map<std::uint64_t, std::shared_ptr<ToldFlow>> flows_by_id_;
  std::set<std::uint64_t> ids_;
  std::uint64_t ended_id_ = 0;
  std::uint64_t bytes_told_ = 0;
};

}  // namespace understudy
