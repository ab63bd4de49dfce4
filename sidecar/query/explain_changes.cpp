// Rows are in the order in which the queries rank them, those of the stretch first.
#include "query/explain_changes.hpp"

#include <algorithm>

#include "query/key_text.hpp"

namespace weir {

namespace {

std::string place_of(const ItemKey& key) {
  std::string text;
  for (const auto& value : key) {
    text += static_cast<char>('0' + value.index());
    text += key_text(value);
    text += '\0';
  }
  return text;
}

}  // namespace

ChangeTable::ChangeTable(std::vector<FieldId> by, const QueryResult& now, const QueryResult& then, Measure measure)
    : by_(std::move(by)), keys_now_(now.rows.size() + now.other_keys), keys_then_(then.rows.size() + then.other_keys) {
  for (const auto& row : now.rows) {
    auto& change = at(row.key);
    change.now = value_of(row.measures, measure);
    change.in_now = true;
  }
  for (const auto& row : then.rows) {
    auto& change = at(row.key);
    change.then = value_of(row.measures, measure);
    change.in_then = true;
  }
}

ChangeTable ChangeTable::hosts(const ChangeTable& clients, const ChangeTable& servers) {
  ChangeTable table;
  table.by_ = {FieldId::kHost};
  table.keys_now_ = clients.keys_now_ + servers.keys_now_;
  table.keys_then_ = clients.keys_then_ + servers.keys_then_;
  for (const auto& as_client : clients.changes_) {
    const auto* as_server = servers.find(as_client.key);
    if (as_server == nullptr) continue;
    auto& host = table.at(as_client.key);
    host.now = as_client.now + as_server->now;
    host.then = as_client.then + as_server->then;
  }
  return table;
}

ChangeTable ChangeTable::of_fields(const std::vector<FieldId>& by) const {
  ChangeTable table;
  table.by_ = by;
  std::vector<std::size_t> places;
  for (const auto field : by)
    places.push_back(static_cast<std::size_t>(std::find(by_.begin(), by_.end(), field) - by_.begin()));
  for (const auto& change : changes_) {
    ItemKey key;
    for (const auto place : places) key.push_back(change.key[place]);
    auto& sum = table.at(key);
    sum.now += change.now;
    sum.then += change.then;
    sum.in_now = sum.in_now || change.in_now;
    sum.in_then = sum.in_then || change.in_then;
  }
  for (const auto& change : table.changes_) {
    table.keys_now_ += change.in_now ? 1 : 0;
    table.keys_then_ += change.in_then ? 1 : 0;
  }
  return table;
}

void ChangeTable::subtract(const ChangeTable& part) {
  for (const auto& change : part.changes_) {
    const auto found = places_.find(place_of(change.key));
    if (found == places_.end()) continue;
    auto& whole = changes_[found->second];
    whole.now -= std::min(whole.now, change.now);
    whole.then -= std::min(whole.then, change.then);
  }
}

const KeyChange* ChangeTable::find(const ItemKey& key) const {
  const auto found = places_.find(place_of(key));
  return found == places_.end() ? nullptr : &changes_[found->second];
}

KeyChange& ChangeTable::at(const ItemKey& key) {
  const auto [place, is_new] = places_.try_emplace(place_of(key), changes_.size());
  if (is_new) changes_.push_back({.key = key});
  return changes_[place->second];
}

double share_of(const KeyChange& part, std::uint64_t now, std::uint64_t then) {
  const double all = rise_of(now, then);
  return all == 0 ? 0 : rise_of(part.now, part.then) / all;
}

double telling(const KeyChange& part, std::uint64_t now, std::uint64_t then) {
  const double all = rise_of(now, then), own = rise_of(part.now, part.then);
  if (all == 0 || own / all <= 0) return 0;
  const double rest_then = static_cast<double>(then) - static_cast<double>(part.then);
  const double growth_of_rest = rest_then > 0 ? (all - own) / rest_then : 0;
  return std::clamp((own - static_cast<double>(part.then) * growth_of_rest) / all, 0.0, std::min(1.0, own / all));
}

}  // namespace weir
