// The filter language, in the habit of tcpdump and nfdump: text to a tree of tests.
//
//   expression = term { ("or" | "||") term }
//   term       = factor { ["and" | "&&"] factor }                       side by side means "and"
//   factor     = ("not" | "!") factor | "(" expression ")" | test
//   test       = [ends] field [operator] value { "," value }            host 10.0.0.0/8    bytes > 1M    port 80,443
//              | [ends] field ["in"] "[" value { [","] value } "]"      port in [80 443 8000-8999]
//              | protocol | "ip" | "ip6" | "any" | address              tcp    10.1.1.1 (as host 10.1.1.1)
//              | "conversation" address ["and" | ","] address           the two, whichever is the client
//              | "host" "none"                                          an end of which the record gave no address
//              | value                                                  after and/or/not: port 80 or 443
//   ends       = "src" | "dst" | "src or dst" | "src and dst"           the sending, the receiving end of a half
//              | "client" | "server" | "in" | "out"                     client port 1234, in if 3
//   operator   = "=" | "==" | "!=" | "<" | "<=" | ">" | ">="
//
// A parsed filter is a plain value; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time_text.hpp"
#include "flow/field_catalog.hpp"
#include "query/value_set.hpp"

namespace weir {

inline constexpr std::size_t kMaxFilterLength = 4096;  // bytes
inline constexpr std::size_t kMaxFilterDepth = 64;     // of parentheses and "not"
inline constexpr std::size_t kMaxFilterValues = 1000;  // in one list

// Which ends of a half an either-end field looks at.
enum class FilterEnds : std::uint8_t { kAny, kSending, kReceiving, kBoth };

// A name as it was written, looked up when the query runs.
struct NameReference {
  std::string name;
  std::size_t column = 0;  // where it stands in the filter, 1-based
};

// An exporter as it was written: an address range, or a name that is looked up when the query runs.
struct ExporterReference {
  AddressSet addresses;
  std::string name;
  std::size_t column = 0;  // where it stands in the filter, 1-based
};

struct FilterTest {
  enum class Kind : std::uint8_t {
    kNumbers,    // the value is in `numbers`
    kAllBits,    // every bit of `bits` is set
    kAddresses,  // the value is in `addresses`
    kNames,      // the value has one of `names`, or is in `numbers`; becomes kNumbers once they are looked up
    kExporters,  // the exporter is one of `exporters`; becomes kNumbers once they are looked up
  };
  Kind kind = Kind::kNumbers;
  FieldId field = FieldId::kHost;
  FilterEnds ends = FilterEnds::kAny;
  NumberSet numbers;
  AddressSet addresses;
  std::uint64_t bits = 0;
  std::vector<ExporterReference> exporters;
  std::vector<NameReference> names;
};

struct FilterNode {
  enum class Kind : std::uint8_t { kEverything, kTest, kAnd, kOr, kNot };
  Kind kind = Kind::kEverything;
  std::vector<FilterNode> children;  // kAnd, kOr: two or more; kNot: one
  FilterTest test;                   // kTest
};

// Errors name the column (1-based, in characters) and what was expected there. Empty text selects everything. `basis`
// is what times go by; without "now" in it, "-1h" is an error.
Result<FilterNode> parse_filter(std::string_view text, const TimeBasis& basis = {});

}  // namespace weir
