// The lines of a trace, up to a bound: past it one line says so, and whoever writes may stop. One thread.
#pragma once
#include <algorithm>
#include <string>
#include <utility>

namespace weir {

class TraceLines {
 public:
  explicit TraceLines(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  void line(std::size_t indent, const std::string& text) {
    if (full_) return;
    if (text_.size() + 2 * indent + text.size() + 1 > max_bytes_) {
      full_ = true;
      text_ += "(cut here: a trace has at most " + std::to_string(max_bytes_) + " bytes)\n";
      return;
    }
    text_ += std::string(2 * indent, ' ') + text + "\n";
  }
  void field(std::size_t indent, std::string name, const std::string& value) {
    name.resize(std::max(kNameWidth, name.size() + 1), ' ');
    line(indent, name + value);
  }
  bool full() const { return full_; }
  std::string take() { return std::move(text_); }

 private:
  static constexpr std::size_t kNameWidth = 28;

  const std::size_t max_bytes_;
  std::string text_;
  bool full_ = false;
};

}  // namespace weir
