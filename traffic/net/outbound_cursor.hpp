// How far a request is written: gives what is left as buffers for a gathering write.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <span>
#include <string>
#include <string_view>

#include "traffic/net/outbound.hpp"

namespace understudy {

class OutboundCursor {
 public:
  // As many as one gathering write is given. Linux takes 1024; a body lies in far fewer slices.
  static constexpr std::size_t buffers_max = 16;
  using Buffers = std::array<boost::asio::const_buffer, buffers_max>;

  // Starts at the first byte of `request`, which stays as it is until the cursor is done.
  void begin(const OutboundRequest& request) {
    request_ = &request;
    piece_ = 0;
    offset_ = 0;
    begun_ = false;
    skip_finished();
  }
  [[nodiscard]] bool done() const { return piece_ == piece_count(); }
  // Whether any byte was written.
  [[nodiscard]] bool begun() const { return begun_; }

  // The next buffers; they lie in `buffers`. REQUIRES: not done().
  [[nodiscard]] std::span<const boost::asio::const_buffer> next(Buffers& buffers) const {
    std::size_t count = 0;
    std::size_t offset = offset_;
    for (std::size_t piece = piece_; piece < piece_count() && count < buffers.size(); ++piece) {
      const std::string_view rest = bytes(piece).substr(offset);
      buffers[count++] = boost::asio::const_buffer(rest.data(), rest.size());
      offset = 0;
    }
    return std::span(buffers).first(count);
  }

  // Copies the next bytes, `length_max` at most, behind each other. The same bytes each time until advance().
  void copy_next(std::string& into, std::size_t length_max) const {
    into.clear();
    std::size_t offset = offset_;
    for (std::size_t piece = piece_; piece < piece_count() && into.size() < length_max; ++piece) {
      into += bytes(piece).substr(offset, length_max - into.size());
      offset = 0;
    }
  }

  // REQUIRES: no more than what next() or copy_next() gave.
  void advance(std::size_t written) {
    begun_ = begun_ || written > 0;
    offset_ += written;
    skip_finished();
  }

 private:
  [[nodiscard]] std::size_t piece_count() const { return request_->body.size() + 1; }
  [[nodiscard]] std::string_view bytes(std::size_t piece) const {
    return piece == 0 ? std::string_view(request_->head) : request_->body[piece - 1];
  }
  void skip_finished() {
    while (piece_ < piece_count() && offset_ >= bytes(piece_).size()) offset_ -= bytes(piece_++).size();
  }

  const OutboundRequest* request_ = nullptr;
  std::size_t piece_ = 0;  // 0 is the head, then the body's slices
  std::size_t offset_ = 0;
  bool begun_ = false;
};

}  // namespace understudy
