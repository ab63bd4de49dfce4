// There is a state for each place in telnet's grammar.
#include "console/line_reader.hpp"

#include <utility>

namespace weir {

namespace {
// RFC 854, "TELNET command structure".
constexpr std::uint8_t kSe = 240, kSb = 250, kWill = 251, kDont = 254, kIac = 255;
constexpr std::uint8_t kBackspace = 8, kDelete = 127;
}  // namespace

void LineReader::add(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (byte == kBackspace || byte == kDelete) {
    if (!line_.text.empty()) line_.text.pop_back();
    return;
  }
  if (c == '\t') c = ' ';
  else if (byte < 0x20) return;
  if (line_.text.size() < max_bytes_) line_.text += c;
  else line_.too_long = true;
}

ConsoleLine LineReader::finish() { return std::exchange(line_, {}); }

std::optional<ConsoleLine> LineReader::take(std::string_view& bytes) {
  while (!bytes.empty()) {
    const char c = bytes.front();
    const auto byte = static_cast<std::uint8_t>(c);
    bytes.remove_prefix(1);
    switch (state_) {
      case State::kAfterCr:
        state_ = State::kText;
        if (c == '\n' || c == '\0') break;
        [[fallthrough]];
      case State::kText:
        if (byte == kIac) {
          state_ = State::kCommand;
        } else if (c == '\r' || c == '\n') {
          if (c == '\r') state_ = State::kAfterCr;
          return finish();
        } else {
          add(c);
        }
        break;
      case State::kCommand:
        state_ = byte == kSb ? State::kSubnegotiation : byte >= kWill && byte <= kDont ? State::kOption : State::kText;
        break;
      case State::kOption: state_ = State::kText; break;
      case State::kSubnegotiation:
        if (byte == kIac) state_ = State::kSubnegotiationCommand;
        break;
      case State::kSubnegotiationCommand: state_ = byte == kSe ? State::kText : State::kSubnegotiation; break;
    }
  }
  return std::nullopt;
}

std::optional<ConsoleLine> LineReader::rest() {
  if (line_.text.empty()) return std::nullopt;
  return finish();
}

}  // namespace weir
