// Fagin's threshold algorithm in the rounds of TPUT (Cao and Wang, PODC 2004): the largest of each, then all above a
// threshold, then what is missing.
#include "query/merged_rows.hpp"

#include <algorithm>

#include "core/saturating.hpp"

namespace weir {

void add_measures(Measures& sum, const Measures& more) {
  sum.saturated = sum.saturated || more.saturated;
  for (const auto member : {&Measures::octets, &Measures::packets, &Measures::flows, &Measures::sessions})
    sum.*member = saturating_add(sum.*member, more.*member, sum.saturated);
}

void add_row(ResultRow& sum, const ResultRow& row) {
  add_measures(sum.measures, row.measures);
  for (const auto lane :
       {&ResultRow::octets_in, &ResultRow::octets_out, &ResultRow::octets_client, &ResultRow::octets_server})
    sum.*lane = saturating_add(sum.*lane, row.*lane);
}

MergedRows::Row& MergedRows::row(const Key& key) {
  auto [at, is_new] = rows_.try_emplace(key);
  if (is_new) {
    at->second.told.resize(bounds_.size());
    at->second.sum.key = key;
  }
  return at->second;
}

void MergedRows::take(std::size_t answerer, const ResultRow& told) {
  auto& known = row(told.key);
  if (known.told[answerer]) return;
  known.told[answerer] = true;
  add_row(known.sum, told);
}

void MergedRows::add_largest(std::size_t answerer, const Query& asked, const QueryResult& result) {
  for (const auto& told : result.rows) take(answerer, told);
  auto& bound = bounds_[answerer];
  bound.complete = result.other_keys == 0;
  if (bound.complete) {
    bound.most = 0;
  } else if (result.rows.size() < asked.limit && asked.at_least > 0) {
    bound.most = asked.at_least - 1;
  } else if (!result.rows.empty()) {
    bound.most = value(result.rows.back());
  }
}

void MergedRows::add_named(std::size_t answerer, const QueryResult& result) {
  for (const auto& told : result.rows) take(answerer, told);
}

std::uint64_t MergedRows::last_value() const {
  if (query_.limit == 0 || rows_.size() < query_.limit) return 0;
  std::vector<std::uint64_t> values;
  for (const auto& [key, row] : rows_) values.push_back(value(row.sum));
  const auto last = values.begin() + static_cast<std::ptrdiff_t>(query_.limit - 1);
  std::nth_element(values.begin(), last, values.end(), std::greater<>());
  return *last;
}

std::uint64_t MergedRows::most(const Row& row) const {
  auto most = value(row.sum);
  for (std::size_t a = 0; a < bounds_.size(); ++a) {
    if (!row.told[a]) most = saturating_add(most, bounds_[a].most);
  }
  return most;
}

bool MergedRows::is_complete() const {
  return std::all_of(bounds_.begin(), bounds_.end(), [](const Bound& b) { return b.complete; });
}

bool MergedRows::is_settled() const {
  if (query_.limit == 0 || is_complete()) return true;
  if (by_key()) return rows_.size() >= query_.limit;  // each has told its first ones
  if (query_.ascending) return false;
  std::uint64_t untold = 0;  // what a key can have that nobody lists
  for (const auto& bound : bounds_) untold = saturating_add(untold, bound.most);
  // Equals are ordered by their keys, which are not known.
  return rows_.size() >= query_.limit && untold < last_value();
}

std::uint64_t MergedRows::threshold() const {
  return query_.ascending || by_key() ? 0 : last_value() / std::max<std::size_t>(1, bounds_.size());
}

bool MergedRows::needs_more(std::size_t answerer) const {
  return !bounds_[answerer].complete && (threshold() == 0 || bounds_[answerer].most >= threshold());
}

std::vector<MergedRows::Key> MergedRows::unknown(std::size_t answerer) const {
  std::vector<Key> keys;
  if (bounds_[answerer].complete) return keys;
  const auto least = query_.ascending || by_key() ? 0 : last_value();
  for (const auto& [key, row] : rows_) {
    if (!row.told[answerer] && (by_key() || most(row) >= least)) keys.push_back(key);
  }
  return keys;
}

std::vector<MergedRows::Key> MergedRows::first() const {
  std::vector<const ResultRow*> sorted;
  for (const auto& [key, row] : rows_) sorted.push_back(&row.sum);
  std::sort(sorted.begin(), sorted.end(), [&](const ResultRow* a, const ResultRow* b) {
    if (by_key())
      return query_.ascending ? key_precedes(query_.by, a->key, b->key) : key_precedes(query_.by, b->key, a->key);
    const auto x = value(*a), y = value(*b);
    return x != y ? (x > y) != query_.ascending : key_precedes(query_.by, a->key, b->key);
  });
  std::vector<Key> keys;
  for (std::size_t i = 0; i < sorted.size() && i < query_.limit; ++i) {
    if (by_key() || value(*sorted[i]) >= query_.at_least) keys.push_back(sorted[i]->key);
  }
  return keys;
}

}  // namespace weir
