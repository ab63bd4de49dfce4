// How a query's group-by fields become keys. A half of a session has one key, or two where "either end" is asked with
// direction "both": one with the sending end's values and one with the receiving end's. A plain value, made once per
// query; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "flow/field_catalog.hpp"
#include "query/query.hpp"

namespace weir {

// The sums kept per key. The last four are kept only where a field is an end.
enum SumLane : std::size_t {
  kLaneOctets,
  kLanePackets,
  kLaneFlows,
  kLaneSessions,
  kLaneIn,
  kLaneOut,
  kLaneClient,
  kLaneServer,
  kLaneCount
};

struct GroupPlan {
  struct Field {
    FieldId id = FieldId::kHost;
    std::vector<ColumnId> columns;  // the distinct ones that its keys are read from
  };
  std::vector<Field> fields;

  std::size_t ends = 1;  // keys per half
  // Halves and ends that read the same columns share an array of keys.
  struct Array {
    std::array<std::size_t, kMaxGroupFields> column{};  // per field: position in Field::columns
  };
  std::vector<Array> arrays;                             // 1 to 4
  std::array<std::array<std::size_t, 2>, 2> array_of{};  // [SessionSide][end]

  // Which of the last four lanes the octets of a half go to, as masks: [SessionSide][end][lane - kLaneIn].
  std::array<std::array<std::array<std::uint64_t, 4>, 2>, 2> role{};
  bool has_roles = false;
  std::size_t lanes() const { return has_roles ? std::size_t{kLaneCount} : std::size_t{kLaneIn}; }

  // Both halves of a row have the same key or keys.
  bool halves_agree() const {
    return ends == 1 ? array_of[0][0] == array_of[1][0]
                     : array_of[0][0] == array_of[1][1] && array_of[0][1] == array_of[1][0];
  }
};

// Its keys are ends of a session or of a hop: what they received and sent can be told apart.
bool is_end(FieldId field);

GroupPlan make_group_plan(const std::vector<FieldId>& by, Direction direction);

}  // namespace weir
