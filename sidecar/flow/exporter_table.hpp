// The exporters: a stable id per address, their counters, and what is known of them. Shared by receive (drops), decode
// (records, loss), store (ids kept in the catalog) and api. Any thread; entries live as long as the table.
//
// Of the entries at most `max_exporters` have a place: those are listed, decoded and counted. One without a place is
// only remembered, because stored sessions refer to its id; if its address sends again, it gets a place with the same
// id. When all places are taken, the one that is silent longest and has no value makes room. If all send, a newcomer
// may take the place of one that sends less than half as many records, is not settled, and came when half of the places
// were taken already: a flood of forged senders has to outdo each newcomer, and those that were here before it are
// safe. Else the newcomer is refused.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/guarded.hpp"
#include "core/ip_address.hpp"
#include "core/setting_defaults.hpp"
#include "flow/late_rate.hpp"
#include "flow/told_names.hpp"

namespace weir {

// Protocols as bits of Exporter::protocols.
enum ProtocolBit : std::uint32_t {
  kProtocolV1 = 1 << 0,
  kProtocolV5 = 1 << 1,
  kProtocolV7 = 1 << 2,
  kProtocolV9 = 1 << 3,
  kProtocolIpfix = 1 << 4,
  kProtocolSflow = 1 << 5,
  kProtocolV8 = 1 << 6,
};
// What sequence numbers count: with these protocols datagrams, with the others records. NetFlow v1 has none.
inline constexpr std::uint32_t kDatagramSequences = kProtocolV9 | kProtocolSflow,
                               kRecordSequences = kProtocolV5 | kProtocolV7 | kProtocolV8 | kProtocolIpfix;
// Those that tell of flows, each of which has all of a flow's packets or samples of them; sFlow tells of packets.
inline constexpr std::uint32_t kFlowProtocols =
    kProtocolV1 | kProtocolV5 | kProtocolV7 | kProtocolV8 | kProtocolV9 | kProtocolIpfix;
std::vector<std::string> protocol_names(std::uint32_t bits);

// Which of its flows count, of an exporter that meters on ingress and on egress, so that much is metered twice. Stored:
// numbers never change meaning.
enum class Metering : std::uint8_t {
  kAuto = 0,     // all; a flow that was metered on both counts once
  kIngress = 1,  // those that say that they were metered on ingress, or do not say it
  kEgress = 2,
  kBoth = 3,  // all, as often as they were metered
};
inline constexpr std::array<const char*, 4> kMeteringNames = {"auto", "ingress", "egress", "both"};
std::optional<Metering> parse_metering(std::string_view name);

// What the decoder publishes per observation domain (IPFIX), source id (v9), engine (v5) or sub-agent (sFlow).
struct DomainStatus {
  std::uint32_t domain = 0;
  std::uint16_t port = 0;           // source port last seen
  std::uint64_t sequence_lost = 0;  // datagrams (v9, sFlow) or records (v5, v7, IPFIX) missing by sequence
  std::uint32_t templates = 0;
  std::uint32_t devices = 1;  // behind the address, told apart by boot times and sequences of its ports
};

struct Exporter {
  Exporter(std::uint32_t exporter_id, IpAddress exporter_address) : id(exporter_id), address(exporter_address) {}
  const std::uint32_t id;
  const IpAddress address;
  std::atomic<std::int64_t> first_seen_ms{0}, last_seen_ms{0};
  std::atomic<std::int64_t> last_record_ms{0};     // arrival of the last flow record of this run
  std::atomic<std::int64_t> longest_report_ms{0};  // from a flow's start to its arrival, since somebody set it to 0
  std::atomic<std::int64_t> report_ms{0};  // the longest of the last minutes: later traffic may still be reported
  std::atomic<std::int64_t> tolerated_silence_ms{0};  // it is heard so often; 0: it is silent, or sends at random
  std::atomic<std::uint64_t> datagrams{0}, records{0}, options_records{0}, malformed{0}, lost{0}, kernel_drops{0},
      queue_drops{0}, time_repaired{0}, rejected{0};
  std::atomic<std::uint64_t> duplicates{0};  // datagrams that came twice and were counted once
  std::atomic<std::uint64_t> unsampled{0};   // records at an unknown sampling rate, of an exporter that samples
  std::atomic<std::uint64_t> rejected_counters{0},
      rejected_rates{0};                    // of `rejected`; the rest had nothing that is stored
  std::atomic<std::uint64_t> lost_most{0};  // the most that `lost` has been: that falls when something comes late
  std::atomic<std::uint64_t> waiting_for_template{0};  // sets held now, plus sets given up without a template
  std::atomic<std::uint64_t> octets{0}, packets{0};    // as decoded, both halves of a biflow, before sampling
  std::atomic<std::uint32_t> protocols{0};
  std::atomic<std::uint32_t> announced_sampling{0};   // 0: nobody said
  std::atomic<std::uint32_t> configured_sampling{0};  // set by the operator; 0: not set
  std::atomic<Metering> metering{Metering::kAuto};    // set by the operator
  std::atomic<std::uint8_t> directions{0};            // flowDirections seen in this run: bit 0 ingress, bit 1 egress
  std::atomic<std::uint64_t> left_out{0};             // records that `metering` leaves out
  // Of sFlow agents: samples that did not come, and those that they could not take; the packets that their samples were
  // chosen from, as they say, and as their rate means for as many samples.
  std::atomic<std::uint64_t> samples_lost{0}, samples_dropped{0}, sample_pool{0}, sample_pool_by_rate{0};
  Guarded<std::string> name;  // operator's or monitor's name; may be empty
  Guarded<std::vector<DomainStatus>> domains;
  Guarded<ToldNames> told;                    // what it says of itself
  Guarded<std::vector<LateRate>> late_rates;  // announced after the records that they hold for

  bool has_place() const { return placed_.load(std::memory_order_relaxed); }

 private:
  friend class ExporterTable;
  std::atomic<bool> placed_{false};
  // What it is compared by when all places are taken. The table's lock guards them.
  std::int64_t placed_ms_ = 0;  // 0: not looked at since the place was given
  std::uint64_t records_when_placed_ = 0;
  double bid_ = 0;          // records a second, as it sent when it got the place
  bool contested_ = false;  // it got the place when half of them were taken
};

// How much a counter rose; 0 when it fell, as that of loss does when something comes late, and that of waiting sets
// with their template.
constexpr std::uint64_t risen(std::uint64_t now, std::uint64_t before) { return now > before ? now - before : 0; }

// When an exporter's silence counts.
struct ExporterAges {
  // Silent for longer, it does not keep its place against a newcomer for its stored sessions alone, and it loses it
  // when nothing is stored of it any more.
  std::int64_t forget_ms = setting_defaults::kExportersForgetMs;
  // Heard on for at least this long, an exporter is settled. One that is not keeps its place against a newcomer only
  // while it sends: forged addresses of today must not take the places of tomorrow.
  std::int64_t settle_ms = setting_defaults::kExportersSettleMs;
};

class ExporterTable {
 public:
  explicit ExporterTable(std::uint32_t max_exporters, ExporterAges ages = {})
      : max_exporters_(max_exporters), ages_(ages) {}

  // The entry of `address`, with a place; nullptr when there is none for it (counted in refused()). `records_per_s`:
  // what the sender has sent so far; 0 when nobody knows.
  Exporter* admit(const IpAddress& address, std::int64_t now_ms, double records_per_s = 0);
  // For those that have no clock: as admit(), and nobody makes room.
  Exporter* find_or_add(const IpAddress& address);
  // Also of those without a place.
  Exporter* find(const IpAddress& address) const;
  Exporter* find(std::uint32_t id) const;
  // Puts back an entry that an earlier run stored, with a place while there are some. Ids of new entries start above
  // the highest restored.
  Exporter* restore(std::uint32_t id, const IpAddress& address);
  // After the last restore(), when what is known of the entries has been put back: gives the places to those that have
  // a name or a rate, then to those that were heard last; none to those that were never heard, or `is_unwanted`.
  void place_restored(const std::function<bool(const IpAddress&)>& is_unwanted);

  // Takes the place away; false when `address` has none. As if it had never been heard, so that it stays forgotten over
  // a restart; its name, its rate and its id stay, for its sessions.
  bool forget(const IpAddress& address);
  // Takes places from those that are silent for long and of which nothing is stored; returns how many.
  std::size_t forget_silent(std::int64_t now_ms);
  // The start of the oldest session stored; nothing is stored of an exporter that was last heard before.
  void set_oldest_stored(std::int64_t oldest_ms) { oldest_stored_ms_ = oldest_ms; }

  // All that have a place, in id order.
  std::vector<Exporter*> all() const;
  // Those without one, too.
  std::vector<Exporter*> known() const;
  std::uint64_t refused() const { return refused_; }  // admissions refused because every place was taken
  // Datagrams of senders without an entry that a queue had no room for.
  void count_unknown_drops(std::uint64_t datagrams) { unknown_drops_ += datagrams; }
  std::uint64_t unknown_drops() const { return unknown_drops_; }
  std::uint64_t displaced() const { return displaced_; }  // entries that made room because they were silent
  std::uint64_t outbid() const { return outbid_; }        // those that made room for one that sends more
  std::uint64_t forgotten() const { return forgotten_; }  // by command or by age
  std::size_t places_taken() const { return placed_; }
  std::uint32_t max_exporters() const { return max_exporters_; }

 private:
  struct State {
    std::deque<std::unique_ptr<Exporter>> entries;
    std::unordered_map<IpAddress, Exporter*> by_address;
    std::unordered_map<std::uint32_t, Exporter*> by_id;
    std::uint32_t next_id = 1;
    std::int64_t looked_ms = INT64_MIN / 2;  // when nobody was found who could make room
    double needed_bid = 0;                   // the least that would have found somebody then
  };
  static Exporter* add(State& s, std::uint32_t id, const IpAddress& address);
  void set_place(Exporter& exporter, bool placed);
  static bool is_set_by_operator(const Exporter& exporter);
  bool is_settled(const Exporter& exporter) const {
    return exporter.last_seen_ms - exporter.first_seen_ms >= ages_.settle_ms;
  }
  bool keeps_place(const Exporter& exporter, std::int64_t now_ms) const;
  static double records_per_s(Exporter& exporter, std::int64_t now_ms);
  bool make_room(State& s, std::int64_t now_ms, double bid);

  const std::uint32_t max_exporters_;
  const ExporterAges ages_;
  mutable Guarded<State> state_;
  std::atomic<std::uint32_t> placed_{0};
  std::atomic<std::int64_t> oldest_stored_ms_{INT64_MAX};
  std::atomic<std::uint64_t> refused_{0}, displaced_{0}, outbid_{0}, forgotten_{0}, unknown_drops_{0};
};

}  // namespace weir
