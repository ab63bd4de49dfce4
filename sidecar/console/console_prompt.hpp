// The prompt that server and client of the console agree on.
#pragma once

namespace weir {

inline constexpr const char* kConsoleSocketName = "console.sock";  // in the data folder
// Stands at the start of a line when the console waits for the next command, and nowhere else.
inline constexpr const char* kConsolePrompt = "weir> ";

}  // namespace weir
