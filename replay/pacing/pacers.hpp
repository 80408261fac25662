// The pacers. Each does one thing; make_pacer() puts them together.
#pragma once

#include <memory>
#include <random>

#include "replay/pacing/pacer.hpp"
#include "replay/pacing/shape.hpp"

namespace understudy {

// As it was recorded.
class RecordedPacer final : public Pacer {
 public:
  [[nodiscard]] std::optional<Nanoseconds> due(Nanoseconds recorded) override { return recorded; }
  [[nodiscard]] std::optional<double> rate_at(Nanoseconds) const override { return std::nullopt; }
  [[nodiscard]] std::optional<Nanoseconds> length() const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::uint64_t> requests() const override { return std::nullopt; }
  [[nodiscard]] std::string words() const override { return "recorded timing"; }
};

// Every request is due at once; what bounds the load is the number of connections.
class FastPacer final : public Pacer {
 public:
  [[nodiscard]] std::optional<Nanoseconds> due(Nanoseconds) override { return Nanoseconds(0); }
  [[nodiscard]] std::optional<double> rate_at(Nanoseconds) const override { return std::nullopt; }
  [[nodiscard]] std::optional<Nanoseconds> length() const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::uint64_t> requests() const override { return std::nullopt; }
  [[nodiscard]] std::string words() const override { return "as fast as possible"; }
};

// Evenly by a shape: request k is due where the integral of the rate passes k.
class ShapedPacer final : public Pacer {
 public:
  explicit ShapedPacer(Shape shape) : shape_(std::move(shape)) {}
  [[nodiscard]] std::optional<Nanoseconds> due(Nanoseconds recorded) override;
  [[nodiscard]] std::optional<double> rate_at(Nanoseconds offset) const override { return shape_.rate_at(offset); }
  [[nodiscard]] std::optional<Nanoseconds> length() const override { return shape_.length(); }
  [[nodiscard]] std::optional<std::uint64_t> requests() const override { return shape_.requests(); }
  [[nodiscard]] std::string words() const override { return shape_.words(); }

 private:
  Shape shape_;
  std::uint64_t index_ = 0;
  Nanoseconds last_{0};
};

// At random around a shape, as independent users arrive: the integral of the rate between two requests is an
// exponential variable of mean 1. Equal seeds give equal offsets.
class PoissonPacer final : public Pacer {
 public:
  PoissonPacer(Shape shape, std::uint64_t seed) : shape_(std::move(shape)), random_(seed) {}
  [[nodiscard]] std::optional<Nanoseconds> due(Nanoseconds recorded) override;
  [[nodiscard]] std::optional<double> rate_at(Nanoseconds offset) const override { return shape_.rate_at(offset); }
  [[nodiscard]] std::optional<Nanoseconds> length() const override { return shape_.length(); }
  [[nodiscard]] std::optional<std::uint64_t> requests() const override { return shape_.requests(); }
  [[nodiscard]] std::string words() const override { return "Poisson arrivals around " + shape_.words(); }

 private:
  Shape shape_;
  std::mt19937_64 random_;  // its sequence is the same on every platform
  long double target_ = 0;
  Nanoseconds last_{0};
};

// A speed factor: 2 plays in half the time.
class ScaledPacer final : public Pacer {
 public:
  // REQUIRES (CHECKed): factor > 0.
  ScaledPacer(std::unique_ptr<Pacer> inner, double factor);
  [[nodiscard]] std::optional<Nanoseconds> due(Nanoseconds recorded) override;
  [[nodiscard]] std::optional<double> rate_at(Nanoseconds offset) const override;
  [[nodiscard]] std::optional<Nanoseconds> length() const override;
  [[nodiscard]] std::optional<std::uint64_t> requests() const override { return inner_->requests(); }
  [[nodiscard]] std::string words() const override;

 private:
  std::unique_ptr<Pacer> inner_;
  double factor_;
};

// Gaps longer than a maximum are cut to it; what follows moves forward by as much.
class IdleCutPacer final : public Pacer {
 public:
  // REQUIRES (CHECKed): gap_max > 0.
  IdleCutPacer(std::unique_ptr<Pacer> inner, Nanoseconds gap_max);
  [[nodiscard]] std::optional<Nanoseconds> due(Nanoseconds recorded) override;
  // After a cut the inner pacer's offsets are not this one's: nothing.
  [[nodiscard]] std::optional<double> rate_at(Nanoseconds) const override { return std::nullopt; }
  [[nodiscard]] std::optional<Nanoseconds> length() const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::uint64_t> requests() const override { return inner_->requests(); }
  [[nodiscard]] std::string words() const override;

 private:
  std::unique_ptr<Pacer> inner_;
  Nanoseconds gap_max_;
  Nanoseconds inner_last_{0};
  Nanoseconds cut_{0};  // taken out so far
};

// A cap: two requests are never closer than 1/rate. Requests that come closer are put off, never dropped, and catch up
// as soon as the inner pacer leaves room. Put-off requests stand at anchor + n/rate, so that no rounding adds up.
class CappedPacer final : public Pacer {
 public:
  // REQUIRES (CHECKed): rate_max > 0, in requests a second.
  CappedPacer(std::unique_ptr<Pacer> inner, double rate_max);
  [[nodiscard]] std::optional<Nanoseconds> due(Nanoseconds recorded) override;
  [[nodiscard]] std::optional<double> rate_at(Nanoseconds offset) const override;
  // The cap may make the inner one longer.
  [[nodiscard]] std::optional<Nanoseconds> length() const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::uint64_t> requests() const override { return inner_->requests(); }
  [[nodiscard]] std::string words() const override;

 private:
  std::unique_ptr<Pacer> inner_;
  double rate_max_;
  bool started_ = false;
  Nanoseconds anchor_{0};           // the last request that was not put off
  std::uint64_t since_anchor_ = 0;  // requests since then
};

}  // namespace understudy
