// The text exposition format, version 0.0.4: escaping, HELP and TYPE lines, histogram expansion.
#include "core/metrics.hpp"

#include <charconv>

namespace weir {
namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') out += "\\\\";
    else if (c == '\n') out += "\\n";
    else if (c == '"' && quotes) out += "\\\"";
    else out += c;
  }
}

template <class T>
std::string number_text(T value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return std::string(buffer, end);
}

}  // namespace

void SecondsHistogram::observe_ms(std::int64_t ms) {
  const auto observed = static_cast<std::uint64_t>(ms < 0 ? 0 : ms);
  std::size_t i = 0;
  while (i < kBounds.size() && static_cast<double>(observed) > kBounds[i] * 1000) ++i;
  ++counts_[i];
  sum_ms_ += observed;
}

std::uint64_t SecondsHistogram::cumulative(std::size_t i) const {
  std::uint64_t sum = 0;
  for (std::size_t k = 0; k <= i; ++k) sum += counts_[k].load();
  return sum;
}

void MetricsWriter::family(std::string_view name, MetricType type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ");
  append_escaped(text_, help, false);
  text_.append("\n# TYPE ").append(name);
  text_ += type == MetricType::kCounter ? " counter\n" : type == MetricType::kGauge ? " gauge\n" : " histogram\n";
}

void MetricsWriter::line(std::string_view suffix, Labels labels, std::string_view bound, std::string_view value) {
  text_.append(name_).append(suffix);
  char separator = '{';
  const auto label = [&](std::string_view name, std::string_view text) {
    text_ += separator;
    separator = ',';
    text_.append(name).append("=\"");
    append_escaped(text_, text, true);
    text_ += '"';
  };
  for (const auto& [name, text] : labels) label(name, text);
  if (!bound.empty()) label("le", bound);
  if (separator == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
}

void MetricsWriter::sample(std::uint64_t value, Labels labels) { line("", labels, "", number_text(value)); }
void MetricsWriter::sample_real(double value, Labels labels) { line("", labels, "", number_text(value)); }

void MetricsWriter::histogram(const SecondsHistogram& histogram, Labels labels) {
  for (std::size_t i = 0; i < SecondsHistogram::kBounds.size(); ++i) {
    line("_bucket", labels, number_text(SecondsHistogram::kBounds[i]), number_text(histogram.cumulative(i)));
  }
  const auto all = number_text(histogram.cumulative(SecondsHistogram::kBounds.size()));
  line("_bucket", labels, "+Inf", all);
  line("_sum", labels, "", number_text(histogram.sum_seconds()));
  line("_count", labels, "", all);
}

void MetricsWriter::counter(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, MetricType::kCounter, help);
  sample(value);
}

void MetricsWriter::gauge(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, MetricType::kGauge, help);
  sample(value);
}

}  // namespace weir
