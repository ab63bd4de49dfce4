// What must be in the store, kept as plainly as possible: per session the contents that were handed over, how far they
// are committed, and which losses a fault explains.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "flow/session.hpp"
#include "scenario/store/observed.hpp"

namespace weir::testing {

// The store and the model differ.
class Difference : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Model {
 public:
  struct Retention {
    std::uint64_t max_bytes = 0;
    std::uint32_t max_age_days = 0;
  };
  // Why sessions may be missing now, beyond what damage explains: numbers that the store itself reports.
  struct Counted {
    std::uint64_t dropped = 0;  // the disk refused them
    std::uint64_t deleted = 0;  // by retention
    bool closed = false;        // the life before ended by itself: what is not stored is counted as dropped
  };
  enum class Excuse : std::uint8_t { kNone, kTold, kSilent };

  explicit Model(Retention retention) : retention_(retention) {}

  // A new session, or newer content of one. Its version is written into the row.
  std::uint64_t new_mark() { return ++marks_; }
  std::uint64_t versions(std::uint64_t mark) const { return items_.at(mark).versions.size(); }
  const Session& newest(std::uint64_t mark) const { return items_.at(mark).versions.back(); }
  void handed_over(std::uint64_t mark, Session& row);
  // The store said so: all that it shows is committed.
  void committed();
  // The day's file, or its log, was damaged.
  void damaged(std::int32_t day, Excuse excuse);
  // The power was cut: names of files may be what they were.
  void power_was_cut() { names_may_return_ = true; }

  // Each throws Difference. What the store shows while it runs: exactly the newest content of each session.
  void check_running(const Observed& seen, const Counted& counted, std::int32_t today);
  // What a reader beside it shows: of each session a content between the committed one and the newest.
  void check_outside(const Observed& seen) const;
  // What a new life of the store shows first: as check_outside(), and that is what there is from now on.
  void check_restarted(const Observed& seen, const Counted& counted, std::int32_t today);

  // mark → version of what the running store shows now.
  std::map<std::uint64_t, std::uint64_t> shown() const;
  // The days of files that hold committed sessions.
  std::set<std::int32_t> days() const;
  bool any_damage() const { return any_damage_; }
  ObservedRow expected_row(std::uint64_t mark, std::uint64_t version) const;

 private:
  struct Item {
    std::vector<Session> versions;  // in the order of handing over; version 1 is the first
    std::uint64_t committed = 0;    // newest version that is committed for certain; 0: none
    std::uint64_t visible = 0;      // newest version that the store has taken; 0: none, or lost for a known reason
    std::uint64_t deleted = 0;      // the version that retention took away; it may be in the file for a while
    std::set<std::int32_t> days;    // the day files that it may be in
    Excuse excuse = Excuse::kNone;
  };
  // Every row is one that was handed over, as it was, once. version by mark.
  std::map<std::uint64_t, std::uint64_t> sound_rows(const Observed& seen) const;
  std::string describe(std::uint64_t mark, const Item& item) const;
  // Takes those out of `missing` that retention may have deleted.
  void explain_by_retention(std::vector<std::uint64_t>& missing, const Counted& counted, std::int32_t today);

  const Retention retention_;
  std::map<std::uint64_t, Item> items_;
  std::uint64_t marks_ = 0;
  bool any_damage_ = false, names_may_return_ = false;
};

}  // namespace weir::testing
