// Bytes from a terminal, telnet or a program into lines. Telnet's commands (RFC 854) are left out, control characters
// too, and whatever comes, no more than one line is held. One thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

struct ConsoleLine {
  std::string text;
  bool too_long = false;  // then `text` is only its beginning
};

class LineReader {
 public:
  explicit LineReader(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Takes from the front of `bytes` until a line is whole: LF, CR LF or CR NUL (RFC 854, "The NVT printer and
  // keyboard").
  std::optional<ConsoleLine> take(std::string_view& bytes);
  // What was typed without a line's end, once nothing more comes.
  std::optional<ConsoleLine> rest();

 private:
  enum class State : std::uint8_t { kText, kAfterCr, kCommand, kOption, kSubnegotiation, kSubnegotiationCommand };
  void add(char c);
  ConsoleLine finish();

  const std::size_t max_bytes_;
  State state_ = State::kText;
  ConsoleLine line_;
};

}  // namespace weir
