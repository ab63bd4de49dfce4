// What a list of sessions is ordered by: of a whole row, of a lone half, and of two halves that are one session. A pure
// value; any thread.
#pragma once
#include <cstdint>
#include <optional>

#include "flow/field_catalog.hpp"
#include "query/query.hpp"
#include "query/session_halves.hpp"

namespace weir {

class SessionOrderValue {
 public:
  explicit SessionOrderValue(SessionOrder order) : order_(order) {}

  // One direction alone counts; of halves, which one that is depends on who is the client.
  bool is_directed() const;
  bool is_to_server() const;
  // The value depends on who is the client.
  bool is_oriented() const;
  ColumnId counter_column(SessionSide side) const;
  // What stands in one column, and is not scaled.
  std::optional<ColumnId> number_column() const;
  std::uint64_t alone_value(const LoneHalf& half) const;
  std::uint64_t joint_value(const LoneHalf& a, const LoneHalf& b) const;

 private:
  // Of an order of one direction: what the half has of it, with that client.
  std::uint64_t directed_value(const LoneHalf& half, bool client_low) const;

  SessionOrder order_;
};

}  // namespace weir
