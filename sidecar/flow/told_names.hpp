// What an exporter tells of itself beside its flows: what its interfaces, applications, VRFs and samplers are called,
// how fast its interfaces are. A plain value; one thread.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

// Stored: numbers never change meaning.
enum class ToldKind : std::uint8_t {
  kInterfaceName = 1,         // by ifIndex
  kInterfaceDescription = 2,  // by ifIndex
  kInterfaceSpeed = 3,        // by ifIndex: bits per second, in decimal
  kApplication = 4,           // by engine << 24 | selector (RFC 6759)
  kVrf = 5,                   // by VRF number
  kSampler = 6,               // by sampler or selector
  kDevice = 7,                // 0: its host name; 1: what it runs
};

// A number that is told as text; none: it is none.
std::optional<std::uint64_t> told_number(std::string_view text);

inline constexpr std::size_t kMaxToldBytes = 128;  // of one text

class ToldNames {
 public:
  // nullptr: it was not told.
  const std::string* find(ToldKind kind, std::uint64_t id) const;
  bool has(ToldKind kind, std::uint64_t id, std::string_view text) const;
  void set(ToldKind kind, std::uint64_t id, std::string text);
  void clear();
  std::size_t size() const { return names_.size(); }
  // With what an entry costs beside its text.
  std::uint64_t bytes() const { return text_bytes_ + names_.size() * kEntryBytes; }
  // Calls f(id, text) for all of a kind, by id.
  template <class F>
  void each(ToldKind kind, F&& f) const {
    for (auto at = names_.lower_bound({kind, 0}); at != names_.end() && at->first.first == kind; ++at)
      f(at->first.second, at->second);
  }

  static constexpr std::uint64_t kEntryBytes = 96;

 private:
  std::map<std::pair<ToldKind, std::uint64_t>, std::string> names_;
  std::uint64_t text_bytes_ = 0;
};

}  // namespace weir
