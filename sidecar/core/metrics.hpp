// Counters as Prometheus reads them: a writer of the text exposition format 0.0.4, and a histogram to count into.
// The writer belongs to one thread; a histogram to any.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

// Observations in seconds, counted by upper bound. Observing is lock-free.
class SecondsHistogram {
 public:
  static constexpr std::array<double, 10> kBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30};

  void observe_ms(std::int64_t ms);
  // Observations up to and including kBounds[i]; i == kBounds.size(): all of them.
  std::uint64_t cumulative(std::size_t i) const;
  double sum_seconds() const { return static_cast<double>(sum_ms_.load()) / 1000; }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> sum_ms_{0};
};

// One family after the other: family(), then its samples.
class MetricsWriter {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // `name` as Prometheus wants it: weir_… in base units, counters ending in _total. `help` is one sentence.
  void family(std::string_view name, MetricType type, std::string_view help);
  void sample(std::uint64_t value, Labels labels = {});
  void sample_real(double value, Labels labels = {});
  void histogram(const SecondsHistogram& histogram, Labels labels = {});
  // A family of one sample.
  void counter(std::string_view name, std::string_view help, std::uint64_t value);
  void gauge(std::string_view name, std::string_view help, std::uint64_t value);

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view bound, std::string_view value);

  std::string text_, name_;
};

}  // namespace weir
