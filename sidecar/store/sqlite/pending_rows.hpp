// The sessions that are not sealed yet, by day and by the session table they come from, in order of their ids. Changed
// by the writer's thread only; what a snapshot holds is copied before it is changed. Guarded by the store's lock.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "flow/session.hpp"
#include "store/row_segment.hpp"
#include "store/sqlite/journal.hpp"

namespace weir {

class PendingRows {
 public:
  struct Added {
    std::uint64_t refused = 0;  // new rows beyond max_rows
    std::uint64_t late = 0;     // unknown rows of ids that were declared final: the sender's mistake
  };
  // Takes in a batch of the run's; a row stays in the day where it was first seen. New rows are refused while there are
  // max_rows or more.
  Added add(const SessionBatch& batch, std::uint64_t run, std::int64_t now_ms, std::uint64_t max_rows);
  // Puts in rows that a journal had: final, and known to be in the journal.
  void restore(std::int32_t day, const Lane& lane, const std::vector<Session>& rows, std::int64_t now_ms);
  // No row of any lane changes any more.
  void make_all_final();

  // Rows [0, count) of a segment, of one lane; they come in the lane's order.
  struct Part {
    Lane lane;
    std::shared_ptr<const RowSegment> rows;
    std::size_t count = 0;
  };
  // The first final rows of the day, at most max_rows.
  std::vector<Part> final_parts(std::int32_t day, std::uint64_t max_rows) const;
  std::uint64_t final_rows(std::int32_t day) const;

  // Rows of one chunk that the journal does not have yet.
  struct Unjournaled {
    Lane lane;
    std::shared_ptr<const RowSegment> rows;
    std::vector<std::uint32_t> positions;
  };
  // Leaves out the rows of `sealing`.
  std::vector<Unjournaled> unjournaled(std::int32_t day, const std::vector<Part>& sealing) const;
  void mark_journaled(std::int32_t day);
  // The journal is gone with its file.
  void mark_unjournaled(std::int32_t day);
  // Forgets rows that are in a segment now.
  void drop(std::int32_t day, const std::vector<Part>& sealed, std::int64_t now_ms);

  // The day is too old to be kept. How many rows it had.
  std::uint64_t forget(std::int32_t day);

  std::vector<std::int32_t> days() const;
  std::int64_t waiting_since_ms(std::int32_t day) const;  // when the oldest rows came
  bool has_other_run(std::int32_t day, std::uint64_t run) const;
  // The part is the last of its lane in the day.
  bool ends_with(std::int32_t day, const Part& part) const;
  std::uint64_t rows() const { return rows_; }
  // First start and last end of each chunk of rows, both included.
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges() const;

  // All rows, as segments that do not change any more.
  std::vector<std::shared_ptr<const RowSegment>> publish();

 private:
  struct Chunk {
    std::shared_ptr<RowSegment> rows = std::make_shared<RowSegment>(std::vector<Session>{});
    bool published = false;         // somebody else may hold `rows`
    std::vector<bool> unjournaled;  // by row
  };
  struct DayRows {
    std::map<Lane, std::deque<Chunk>> lanes;  // none without rows
    std::int64_t since_ms = 0;
  };
  struct Position {
    std::deque<Chunk>* chunks = nullptr;
    std::size_t chunk = 0, row = 0;
  };
  // Where the row of the id is; chunks null when it is nowhere.
  Position find(const Lane& lane, std::uint64_t id, std::int32_t likely_day);
  void insert(std::deque<Chunk>& chunks, const Session& row);
  std::deque<Chunk>& chunks_of(std::int32_t day, const Lane& lane, std::int64_t now_ms);
  static RowSegment& writable(Chunk& chunk);
  std::size_t final_rows(const Lane& lane, const Chunk& chunk) const;

  std::map<std::int32_t, DayRows> days_;
  std::map<Lane, std::uint64_t> final_below_;
  std::map<Lane, std::uint64_t> highest_;  // ids seen
  bool all_final_ = false;
  std::uint64_t rows_ = 0;
};

}  // namespace weir
