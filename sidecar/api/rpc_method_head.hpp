// What x-method in schemas/methods/NAME.params.json says of a method: its name, where it runs, and who may call it.
// schemas/generate_openrpc.py makes the table of them for the build. Plain values: any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/token.hpp"

namespace weir {

enum class RpcPlace : std::uint8_t {
  kApiThread,    // answered at once
  kQueryThread,  // waits its turn in the pool, can be cancelled, tells its progress; not run when no answer is wanted
  kPoolThread,   // as kQueryThread, for what changes something: also run when no answer is wanted
  kSocketOnly,   // as kApiThread, but has no meaning over POST
};

struct RpcMethodHead {
  std::string_view name;
  RpcPlace place;
  Role least;  // who may call it: this role, and those that may more
};

}  // namespace weir
