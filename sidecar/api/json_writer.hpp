// Writes JSON text straight into a string: for results with a million numbers, where a tree of values would cost more
// than the query. Balanced begin and end are the caller's business. One thread.
#pragma once
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name) {
    text(name);
    out_ += ':';
    fresh_ = true;
    return *this;
  }
  // `value` has to be UTF-8.
  JsonWriter& text(std::string_view value);
  template <class Number>
  JsonWriter& number(Number value) {
    separate();
    char buffer[32];
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
    return *this;
  }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  // JSON text made elsewhere.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }
  template <class T>
  JsonWriter& numbers(const std::vector<T>& values) {
    begin_array();
    for (const auto v : values) number(v);
    return end_array();
  }

  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    fresh_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    fresh_ = false;
    return *this;
  }
  void separate() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }

  std::string out_;
  bool fresh_ = true;  // nothing stands before the next value that a comma would have to part it from
};

// `text` as UTF-8: each byte that is no part of a well-formed sequence (RFC 3629 section 4) becomes a question mark.
std::string to_valid_utf8(std::string_view text);

}  // namespace weir
