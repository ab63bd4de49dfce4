// The rows of one question as several answerers tell them, and which of them are surely the first: the threshold
// algorithm. Each answerer lists its largest rows, so that what it does not list has at most as much as its last one
// there. A row whose sum cannot reach the last place is not asked for. Plain values; one thread.
#pragma once
#include <map>
#include <vector>

#include "query/key_order.hpp"
#include "query/query.hpp"

namespace weir {

// What does not fit in 64 bits is marked.
void add_measures(Measures& sum, const Measures& more);
// All lanes of `row`.
void add_row(ResultRow& sum, const ResultRow& row);

class MergedRows {
 public:
  using Key = std::vector<KeyValue>;

  MergedRows(const Query& query, std::size_t answerers) : query_(query), bounds_(answerers) {}

  // What the answerer listed when it was asked for the largest.
  void add_largest(std::size_t answerer, const Query& asked, const QueryResult& result);
  // What it listed when it was asked for these keys.
  void add_named(std::size_t answerer, const QueryResult& result);

  // All rows that could be among the first are known from everybody.
  bool is_settled() const;
  // What each answerer should list down to, so that no key that nobody lists can be among the first; 0: everything.
  std::uint64_t threshold() const;
  bool needs_more(std::size_t answerer) const;
  // The keys that could be among the first and that the answerer has not told.
  std::vector<Key> unknown(std::size_t answerer) const;
  // The first rows by what is known.
  std::vector<Key> first() const;
  // Different keys that were told; all there are, if everybody told all.
  std::size_t keys() const { return rows_.size(); }
  bool is_complete() const;

 private:
  struct Row {
    std::vector<bool> told;  // by answerer
    ResultRow sum;
  };
  struct Bound {
    std::uint64_t most = kUnknown;  // that a key has which it does not list
    bool complete = false;          // it lists all it has
  };
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  Row& row(const Key& key);
  void take(std::size_t answerer, const ResultRow& told);
  std::uint64_t value(const ResultRow& row) const { return ranked_value(row, query_.measure, query_.rank); }
  bool by_key() const { return query_.rank == RankBy::kKey; }
  // Of what the keys have that are told, the value at the last place; 0 when there are fewer.
  std::uint64_t last_value() const;
  // The most that a key can have: what is told, and what those may have who did not tell.
  std::uint64_t most(const Row& row) const;

  const Query& query_;
  std::map<Key, Row> rows_;
  std::vector<Bound> bounds_;
};

}  // namespace weir
