// A template compiled for speed: where in a record each element lies that Weir stores, and what to do with it. Elements
// that nothing is stored of cost nothing. Immutable once built; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decode/element_readers.hpp"
#include "decode/record_notes.hpp"
#include "decode/template_record.hpp"
#include "flow/element_table.hpp"
#include "flow/flow_record.hpp"

namespace weir {

class RecordPlan {
 public:
  explicit RecordPlan(const TemplateRecord& record);

  using Parts = std::vector<std::span<const std::uint8_t>>;

  // Takes one record off `set` and fills a fresh `flow` (its times and sampling are for the caller, from `notes`).
  // False when the set ends before the record does; then `set` is failed. `parts` is scratch, reused between calls.
  bool decode(ByteCursor& set, FlowRecord& flow, RecordNotes& notes, Parts& parts) const;

  // The latest IE 21 of the set's records; 0: there is none, or the records bring their own boot time (IE 160).
  std::uint32_t latest_end_uptime(ByteCursor set, Parts& parts) const;

  // How many records the set holds.
  std::uint64_t count_records(ByteCursor set) const {
    if (fixed_) return set.remaining() / minimum_length_;
    std::uint64_t count = 0;
    while (set.remaining() >= minimum_length_ && step_over(set)) ++count;
    return count;
  }
  // Takes one record off `set`; false when the set ends before it does.
  bool step_over(ByteCursor& set) const;

  std::size_t minimum_length() const { return minimum_length_; }
  bool fixed_length() const { return fixed_; }
  // Records need RecordNotes::extras.
  bool has_extras() const { return has_extras_; }
  // Its counters are totals of the flow since it began, or since the exporter did.
  bool has_totals() const { return totals_; }
  // Its records are events of a firewall: those that end a flow count all of it, others what came since the last.
  bool has_event_counters() const { return event_counters_; }
  bool has_sampling() const { return has_sampling_; }  // rates or selectors lie in the records themselves
  // Whether its records say anything that is stored, and are so long; 0: not asked for.
  bool describes_flows(std::size_t least_octets) const {
    return least_octets == 0 || (says_something_ && minimum_length_ >= least_octets);
  }
  // In IPFIX these need to know when the exporter was started.
  bool has_uptimes() const { return has_uptimes_; }

 private:
  // How a step is done: the frequent ones in the loop itself, the others by the element's reader.
  enum class Action : std::uint8_t {
    kCopy8,
    kCopy16,
    kCopy32,
    kCopy64,
    kIpv4,
    kAddress,
    kEnd,
    kStartUptime,
    kEndUptime,
    kHint,
    kReader
  };
  struct Step {
    std::uint16_t field = 0;   // index in the template
    std::uint16_t offset = 0;  // in a record of fixed length
    std::uint16_t length = 0;  // kVariableLength: told by the record
    std::uint16_t member = 0;  // kCopy*, and addresses: where in FlowRecord
    Action action = Action::kReader;
    ElementTarget target = ElementTarget::kSrc;
    bool fallback = false;  // only if what came before it for this target is zero
    bool shared = false;    // others of the template have the same target
    bool total = false;     // a total beside deltas: only where the delta is empty
    std::uint8_t hint = 0;  // kHint: a ProtocolHint
    ElementReader reader = nullptr;
  };

  static void choose_action(Step& step);
  // The fields of one record of variable length, taken off `set`.
  bool locate(ByteCursor& set, Parts& parts) const;
  void run(const Step& step, std::span<const std::uint8_t> bytes, FlowRecord& flow, RecordNotes& notes) const;
  void finish(FlowRecord& flow, const RecordNotes& notes) const;

  std::vector<Step> steps_;
  std::vector<std::uint16_t> lengths_;  // of all fields, where one is variable
  std::vector<std::uint32_t> runs_;     // octets before each field of variable length
  std::uint32_t tail_ = 0;              // and behind the last
  std::optional<Step> end_uptime_;
  std::size_t minimum_length_ = 0;
  bool fixed_ = true, has_sampling_ = false, has_uptimes_ = false, says_something_ = false;
  bool initiator_counters_ = false, reverse_counters_ = false, has_icmp_ = false, mixed_families_ = false;
  bool has_extras_ = false, totals_ = false, event_counters_ = false, has_counters_ = false;
  std::uint8_t hints_ = 0;  // ProtocolHints of a template without IE 4
};

}  // namespace weir
