// What each key of a grouping has in a stretch and in the one that it is compared with, and which key says most about
// the difference. Plain values; one thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/explain.hpp"

namespace weir {

using ItemKey = std::vector<KeyValue>;

struct KeyChange {
  ItemKey key;
  std::uint64_t now = 0, then = 0;
  bool in_now = false, in_then = false;  // listed by the answer, if only with nothing of the measure
};

// How much more now, less if negative.
inline double rise_of(std::uint64_t now, std::uint64_t then) {
  return static_cast<double>(now) - static_cast<double>(then);
}

// The largest keys of two answers to one question. A key that only one of them lists counts nothing in the other.
class ChangeTable {
 public:
  ChangeTable() = default;
  ChangeTable(std::vector<FieldId> by, const QueryResult& now, const QueryResult& then, Measure measure);
  // Of hosts: what a client has as client and as server together. Those alone that are both.
  static ChangeTable hosts(const ChangeTable& clients, const ChangeTable& servers);
  // By some of the fields: sums over the others.
  ChangeTable of_fields(const std::vector<FieldId>& by) const;

  const std::vector<FieldId>& by() const { return by_; }
  const std::vector<KeyChange>& changes() const { return changes_; }
  std::uint64_t keys_now() const { return keys_now_; }
  std::uint64_t keys_then() const { return keys_then_; }
  // Takes a part of the traffic out.
  void subtract(const ChangeTable& part);
  const KeyChange* find(const ItemKey& key) const;

 private:
  KeyChange& at(const ItemKey& key);

  std::vector<FieldId> by_;
  std::vector<KeyChange> changes_;
  std::unordered_map<std::string, std::size_t> places_;
  std::uint64_t keys_now_ = 0, keys_then_ = 0;
};

// How much of a change from `then` to `now` a part of it tells that changed otherwise than the rest: from 0, when it
// grew or shrank as all others did, to 1.
double telling(const KeyChange& part, std::uint64_t now, std::uint64_t then);

// The part's share of the change.
double share_of(const KeyChange& part, std::uint64_t now, std::uint64_t then);

}  // namespace weir
