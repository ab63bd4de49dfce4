// The session stage: records in, sessions out. Holds a bounded window of recent sessions in which the other half of a
// conversation is found and merged; what leaves the window is final. One table per worker thread, no locks.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/setting_defaults.hpp"
#include "flow/flow_record.hpp"
#include "flow/port_table.hpp"
#include "flow/session.hpp"

namespace weir {

struct SessionLimits {
  std::uint32_t window_rows = setting_defaults::kSessionWindowRows;  // rounded up to a power of two
  std::int64_t window_ms = setting_defaults::kSessionWindowMs;       // how long a half waits for the other, by arrival
};

struct SessionCounters {
  std::uint64_t records = 0;         // taken in
  std::uint64_t sessions = 0;        // opened
  std::uint64_t merged = 0;          // records that became the second half of a session
  std::uint64_t metered_twice = 0;   // records that another had counted, in the other direction
  std::uint64_t samples_joined = 0;  // sampled packets that joined others of their flow
  std::uint64_t window_rows = 0;
  std::uint64_t released_full = 0;  // rows that left because the window was full, before their time
};

class SessionTable {
 public:
  // Ids ascend from first_id. Workers share one id space: each starts in a range of its own.
  SessionTable(const SessionLimits& limits, std::uint64_t first_id, SessionSink& sink);

  // From now on; sessions already in the window keep their ends.
  void set_ports(std::shared_ptr<const PortTable> ports) { ports_ = std::move(ports); }
  void add(std::span<const FlowRecord> records, std::int64_t now_ms);
  // Hands every change since the last call to the sink and releases what is too old to be paired.
  void flush(std::int64_t now_ms);
  // Everything is final: for the end of an import and for shutdown.
  void finish();

  SessionCounters counters() const;

 private:
  struct Link {
    std::uint64_t hash = 0;
    std::uint64_t older = 0;  // id + 1 of the next older row of the bucket; 0: none
    std::int64_t arrival_ms = 0;
    bool changed = false;              // in changed_
    std::array<bool, 2> of_samples{};  // by SessionSide: the half counts sampled packets, one by one
    std::array<bool, 2> has_twin{};    // by SessionSide: the half was metered twice, and both were taken
  };

  Session& row(std::uint64_t id) { return rows_[id & mask_]; }
  Link& link(std::uint64_t id) { return links_[id & mask_]; }
  std::uint64_t& bucket(std::uint64_t hash) { return buckets_[hash & (buckets_.size() - 1)]; }
  // The row that a record joins, and as what.
  enum class Joins : std::uint8_t { kNone, kOtherHalf, kTwin, kSamples };
  struct Match {
    Session* row = nullptr;
    Joins as = Joins::kNone;
  };
  Match find_row(const FlowRecord& r, std::uint64_t hash);
  void open(const FlowRecord& r, std::uint64_t hash, std::int64_t now_ms);
  void merge(Session& s, const FlowRecord& r);
  void merge_twin(Session& s, const FlowRecord& r);
  void merge_sample(Session& s, const FlowRecord& r);
  // Who is the server, now that this record has joined; `lead_ms`: so much earlier than the server's half the client's
  // began.
  void choose_again(Session& s, const FlowRecord& r, SessionSide side, std::int64_t lead_ms);
  void note_change(const Session& s);
  void release_below(std::uint64_t id);
  // Rows that changed, and all new ones below `new_below`, in batches; the last says that no row below `final_below`
  // changes again.
  void hand_over(std::span<const std::uint64_t> changed, std::uint64_t new_below, std::uint64_t final_below);

  SessionSink& sink_;
  const std::int64_t window_ms_;
  const std::uint64_t mask_;
  std::shared_ptr<const PortTable> ports_;
  std::vector<Session> rows_;  // ring, by id
  std::vector<Link> links_;
  std::vector<std::uint64_t> buckets_;  // id + 1 of the newest row
  std::vector<std::uint64_t> changed_;  // flushed rows that changed since
  std::uint64_t oldest_, next_, flushed_;
  SessionCounters counters_;
};

}  // namespace weir
