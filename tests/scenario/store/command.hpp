// What a sequence of the store's model test does, as values and as lines of text.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace weir::testing {

enum class CommandKind : std::uint8_t {
  kAppend,  // LANE COUNT DAYS_BACK MIDNIGHT: new rows; with MIDNIGHT 1 they end on the day after
  kChange,  // LANE BACK COUNT MOVED: newer content for rows that are not final; with MOVED 1 they start two hours
            // earlier
  kFinal,   // LANE KEPT: all but the newest KEPT rows of the table change no more
  kFlush,
  kTick,  // MS: the clock goes on, or back, and the store gets to work
  kStop,  // cleanly
  kStart,
  kKill,      // AFTER: that many operations of the disk from now; 0: now
  kPowerCut,  // AFTER SEED
  kRefuse,    // AFTER COUNT KIND: the disk refuses COUNT operations; KIND 0 full, 1 broken
  kHeal,
  kImport,   // DAYS COUNT: a life of its own that adds COUNT rows to each of DAYS old days
  kDamage,   // WHAT HOW SEED, stopped before: WHAT 0 day file, 1 its log, 2 catalog, 3 its log; HOW 0 flip a byte, 1
             // cut, 2 delete, 3 overwrite a page
  kHold,     // WHO: keep a snapshot of the store (0) or of a reader beside it (1)
  kRelease,  // read what is held, and let it go
  kLook,     // compare with readers beside the store
};

struct Command {
  CommandKind kind = CommandKind::kFlush;
  std::array<std::int64_t, 4> numbers{};
};

struct Sequence {
  std::uint32_t seal_rows = 16;
  std::uint64_t unsealed_rows = 1000, max_bytes = 0;
  std::uint32_t max_age_days = 0;
  std::vector<Command> commands;
};

const char* command_name(CommandKind kind);
std::string text_of(const Command& command);
// A line with the settings, then one per command. "#" starts a comment.
std::string text_of(const Sequence& sequence);
Result<Sequence> parse_sequence(const std::string& text);

std::optional<CommandKind> command_kind(const std::string& name);

// The same seed gives the same sequence. It has no commands of the kinds `without`.
Sequence random_sequence(std::uint64_t seed, std::size_t steps, const std::vector<CommandKind>& without = {});

}  // namespace weir::testing
