// The zone in which a command reads and writes times. Names are those of the system's tz database; the C library keeps
// one zone per process, so that named() is for commands, before they start threads.
#pragma once
#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace weir {

class TimeZone {
 public:
  // UTC.
  TimeZone() = default;
  // "UTC", "local" (of this machine), "Europe/Berlin", or an offset such as "+02:00". Of the last three kinds one can
  // be in use in a process. The error says what is allowed.
  static Result<TimeZone> named(const std::string& name);

  bool is_utc() const { return kind_ == Kind::kFixed && offset_ms_ == 0; }
  // Milliseconds that clocks are ahead of UTC at this moment.
  std::int64_t offset_ms(std::int64_t utc_ms) const;
  // The moment at which clocks show this date and time (given as if it were UTC). An error if they show it twice or
  // never.
  Result<std::int64_t> utc_of(std::int64_t shown_ms) const;
  // 2026-11-23T02:55:10.250Z, or …+01:00.
  std::string text(std::int64_t utc_ms) const;
  // How it was named.
  const std::string& name() const { return name_; }

 private:
  enum class Kind : std::uint8_t { kFixed, kSystem };
  Kind kind_ = Kind::kFixed;
  std::int64_t offset_ms_ = 0;
  std::string name_ = "UTC";
};

}  // namespace weir
