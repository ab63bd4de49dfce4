// The roles (received, sent, as client, as server) are those of the first field that is an end.
#include "query/group_plan.hpp"

#include <algorithm>

#include "flow/session.hpp"

namespace weir {

namespace {

constexpr std::uint64_t kYes = ~std::uint64_t{0};
using Roles = std::array<std::uint64_t, 4>;  // in, out, client, server

constexpr Roles kReceived{kYes, 0, 0, 0};
Roles sent_as(bool client) { return {0, kYes, client ? kYes : 0, client ? 0 : kYes}; }

// What the octets of a half are to the key that `field` gives it; nothing for fields that are no end.
std::optional<Roles> role_of(FieldId field, std::size_t side, std::size_t end) {
  constexpr Roles kSent{0, kYes, 0, 0};
  const bool by_client = side == kToServer;
  switch (field_info(field).role) {
    case FieldRole::kClient: return by_client ? sent_as(true) : kReceived;
    case FieldRole::kServer: return by_client ? kReceived : sent_as(false);
    case FieldRole::kSource: return sent_as(by_client);
    case FieldRole::kDestination:
    case FieldRole::kIn: return kReceived;
    case FieldRole::kEither: return end == 0 ? sent_as(by_client) : kReceived;
    case FieldRole::kOut: return kSent;
    case FieldRole::kInOrOut: return end == 0 ? kReceived : kSent;
    case FieldRole::kNone: break;
  }
  return std::nullopt;
}

}  // namespace

bool is_end(FieldId field) { return role_of(field, kToServer, 0).has_value(); }

GroupPlan make_group_plan(const std::vector<FieldId>& by, Direction direction) {
  GroupPlan plan;
  const bool either = std::any_of(by.begin(), by.end(), [](auto id) { return field_info(id).either_end; });
  plan.ends = either && direction == Direction::kBoth ? 2 : 1;
  for (const auto id : by) plan.fields.push_back({.id = id, .columns = {}});
  for (std::size_t side = 0; side < 2; ++side) {
    for (std::size_t key = 0; key < plan.ends; ++key) {
      const std::size_t end = direction == Direction::kBoth ? key : direction == Direction::kTalkers ? 0 : 1;
      GroupPlan::Array array;
      for (std::size_t f = 0; f < by.size(); ++f) {
        const auto& info = field_info(by[f]);
        const auto column = info.source[side][info.either_end ? end : 0];
        auto& columns = plan.fields[f].columns;
        const auto at = std::find(columns.begin(), columns.end(), column);
        array.column[f] = static_cast<std::size_t>(at - columns.begin());
        if (at == columns.end()) columns.push_back(column);
      }
      const auto same =
          std::find_if(plan.arrays.begin(), plan.arrays.end(), [&](const auto& a) { return a.column == array.column; });
      plan.array_of[side][key] = static_cast<std::size_t>(same - plan.arrays.begin());
      if (same == plan.arrays.end()) plan.arrays.push_back(array);
      for (const auto id : by) {
        if (const auto role = role_of(id, side, end)) {
          plan.role[side][key] = *role;
          plan.has_roles = true;
          break;
        }
      }
    }
  }
  return plan;
}

}  // namespace weir
