// A score is what a field's value tells of the change, how much of it came or went, and how precise the field is: a
// host says more than the interface that it sends by, although less traffic.
#include "query/explain_causes.hpp"

#include <algorithm>
#include <cmath>

#include "query/explain_narrowing.hpp"
#include "query/key_text.hpp"

namespace weir {

namespace {

constexpr double kLeastShare = 0.2, kLeastTelling = 0.15;
// A part that moved is at least this much of all, and its two sides are about as large.
constexpr double kMovedPart = 0.2, kMovedBalance = 0.5, kMovedClients = 0.4;

struct Grouping {
  std::vector<FieldId> by;
  double weight;
  bool coarse;  // with one key, or one that all traffic has, it says nothing
};

std::vector<Grouping> groupings(const ExplainQuestions& questions) {
  using enum FieldId;
  std::vector<Grouping> all{{{kClient}, 1, false},
                            {{kServer}, 1, false},
                            {{kProtocol, kServerPort}, 0.75, true},
                            {{kApplication}, 0.7, true},
                            {{kExporter, kInterface}, 0.55, true}};
  if (questions.knows_networks()) all.push_back({{kNetwork}, 0.6, true});
  return all;
}

struct Examination {
  std::vector<Grouping> groupings;
  std::vector<ChangeTable> tables;  // aligned
};

// With `filter`: of that part alone.
Examination examine(const Examined& examined, const Comparison& c, Measure measure, const std::string& filter) {
  Examination all{.groupings = groupings(examined.questions), .tables = {}};
  auto now = now_question(c, measure), then = then_question(c, measure);
  now.filter = then.filter = filter;
  for (const auto& grouping : all.groupings) {
    now.by = then.by = grouping.by;
    all.tables.push_back(examined.questions.changes(now, then));
  }
  // What other tables have already: all ports of a protocol, all rates of an exporter.
  all.groupings.push_back({{FieldId::kProtocol}, 0.45, true});
  all.tables.push_back(all.tables[2].of_fields({FieldId::kProtocol}));
  now.by = then.by = {FieldId::kExporter, FieldId::kSampling};
  all.groupings.push_back({{FieldId::kExporter}, 0.5, true});
  all.tables.push_back(examined.questions.changes(now, then).of_fields({FieldId::kExporter}));
  // A host that is client here and server there.
  all.groupings.push_back({{FieldId::kHost}, 0.95, false});
  all.tables.push_back(ChangeTable::hosts(all.tables[0], all.tables[1]));
  return all;
}

bool says_nothing(const Grouping& grouping, const KeyChange& change) {
  for (std::size_t f = 0; f < change.key.size(); ++f) {
    const auto* text = std::get_if<std::string>(&change.key[f]);
    const auto* number = std::get_if<std::uint64_t>(&change.key[f]);
    const auto* address = std::get_if<IpAddress>(&change.key[f]);
    const bool none = text != nullptr      ? text->empty()
                      : address != nullptr ? address->is_unset()
                                           : number != nullptr && *number == 0;
    // Port 0 is what protocols without ports have, interface 0 what a device has for itself or does not know.
    if (none && grouping.by[f] != FieldId::kServerPort) return true;
  }
  return false;
}

struct Best {
  const Grouping* grouping = nullptr;
  const KeyChange* change = nullptr;
  double score = 0;
};

Best best_of(const Examination& all, std::uint64_t now, std::uint64_t then, std::uint64_t whole_now,
             std::uint64_t whole_then) {
  Best best;
  const double left = rise_of(now, then), whole = rise_of(whole_now, whole_then);
  for (std::size_t g = 0; g < all.tables.size(); ++g) {
    const auto& grouping = all.groupings[g];
    for (const auto& change : all.tables[g].changes()) {
      if (says_nothing(grouping, change)) continue;
      // Nearly all traffic has it, then and now.
      const auto part = [](std::uint64_t of, std::uint64_t all_of) {
        return static_cast<double>(of) >= 0.98 * static_cast<double>(all_of);
      };
      if (grouping.coarse && part(change.now, now) && part(change.then, then)) continue;
      if (rise_of(change.now, change.then) / whole < kLeastShare || left / whole <= 0) continue;
      const double tells = telling(change, now, then);
      if (tells < kLeastTelling) continue;
      // All of a lost link goes, and only a part of the port that most of its traffic had.
      const double pure =
          std::abs(rise_of(change.now, change.then)) / static_cast<double>(std::max(change.now, change.then));
      if (const double score = tells * pure * grouping.weight; score > best.score * 1.0001)
        best = {&grouping, &change, score};
    }
  }
  return best;
}

// Of an interface whose exporter came or went as a whole: the exporter.
Best whole_exporter(const Examination& all, const Best& best) {
  using enum FieldId;
  if (best.grouping == nullptr || best.grouping->by != std::vector{kExporter, kInterface}) return best;
  for (std::size_t g = 0; g < all.tables.size(); ++g) {
    if (all.groupings[g].by != std::vector{kExporter}) continue;
    const auto* exporter = all.tables[g].find({best.change->key.front()});
    const bool came_or_went = exporter != nullptr && (exporter->now == 0 || exporter->then == 0);
    // When it is all there is, its interface says as much.
    if (came_or_went && all.tables[g].changes().size() > 1) return {&all.groupings[g], exporter, best.score};
  }
  return best;
}

std::uint64_t less(std::uint64_t from, std::uint64_t what) { return from - std::min(from, what); }

// Of the clients of one item then and of another now, how much they have in common: 0 to 1.
double common_clients(const Examined& examined, const Comparison& c, Measure measure, const TrafficItem& from,
                      const TrafficItem& to) {
  auto then = then_question(c, measure), now = now_question(c, measure);
  then.by = now.by = {FieldId::kClient};
  then.filter = from.filter;
  now.filter = to.filter;
  const auto table = examined.questions.changes(now, then);
  double all_now = 0, all_then = 0, common = 0;
  for (const auto& change : table.changes()) {
    all_now += static_cast<double>(change.now);
    all_then += static_cast<double>(change.then);
  }
  if (all_now <= 0 || all_then <= 0) return 0;
  for (const auto& change : table.changes())
    common += std::min(static_cast<double>(change.now) / all_now, static_cast<double>(change.then) / all_then);
  return common;
}

}  // namespace

Question now_question(const Comparison& comparison, Measure measure) {
  return {.range = comparison.now, .left_out = comparison.left_out, .measure = measure};
}
Question then_question(const Comparison& comparison, Measure measure) {
  return {.range = comparison.then, .left_out = comparison.left_out, .measure = measure};
}

bool is_same_traffic(const TrafficItem& a, const TrafficItem& b) {
  const auto within = [](const TrafficItem& part, const TrafficItem& whole) {
    for (std::size_t f = 0; f < whole.by.size(); ++f) {
      const auto at = std::find(part.by.begin(), part.by.end(), whole.by[f]);
      if (at == part.by.end() || part.key[static_cast<std::size_t>(at - part.by.begin())] != whole.key[f]) return false;
    }
    return true;
  };
  return within(a, b) || within(b, a);
}

std::vector<Cause> find_causes(const Examined& examined, std::size_t comparison, Measure measure,
                               const std::vector<Cause>& known, std::size_t most) {
  const auto& c = examined.comparisons[comparison];
  const auto whole_now = value_of(c.now_totals, measure), whole_then = value_of(c.then_totals, measure);
  auto now = whole_now, then = whole_then;
  auto all = examine(examined, c, measure, "");
  std::vector<Cause> causes;
  const auto take_out = [&](const Cause& cause) {
    const auto parts = examine(examined, c, measure, cause.item.filter);
    for (std::size_t g = 0; g < all.tables.size(); ++g) all.tables[g].subtract(parts.tables[g]);
    const auto& figures = *cause.figures[comparison];
    now = less(now, value_of(figures.now, measure));
    then = less(then, value_of(figures.then, measure));
  };
  for (const auto& cause : known) take_out(cause);

  while (causes.size() < most) {
    const auto best = whole_exporter(all, best_of(all, now, then, whole_now, whole_then));
    if (best.grouping == nullptr) break;
    Cause cause{.item = item_of(best.grouping->by, best.change->key),
                .measure = measure,
                .comparison = comparison,
                .rose = whole_now > whole_then};
    narrow(examined, cause);
    fill_figures(examined, cause);
    const auto& figures = *cause.figures[comparison];
    cause.share = share_of({.key = {}, .now = value_of(figures.now, measure), .then = value_of(figures.then, measure)},
                           whole_now, whole_then);
    const bool again = std::any_of(causes.begin(), causes.end(),
                                   [&](const Cause& other) { return is_same_traffic(cause.item, other.item); });
    if (again || cause.share < kLeastShare / 2) break;
    causes.push_back(cause);
    // What is left has to be worth telling.
    const double left = rise_of(less(now, value_of(figures.now, measure)), less(then, value_of(figures.then, measure)));
    if (causes.size() == most || left / rise_of(whole_now, whole_then) < kLeastShare) break;
    take_out(cause);
  }
  return causes;
}

std::optional<Cause> find_move(const Examined& examined, std::size_t comparison, Measure measure) {
  using enum FieldId;
  const auto& c = examined.comparisons[comparison];
  const auto all = examine(examined, c, measure, "");
  const double whole = static_cast<double>(std::max(value_of(c.now_totals, measure), value_of(c.then_totals, measure)));
  if (whole <= 0) return std::nullopt;
  struct Candidate {
    const Grouping* grouping;
    const KeyChange *from, *to;
    double size;
  };
  std::vector<Candidate> candidates;
  for (std::size_t g = 0; g < all.tables.size(); ++g) {
    const auto& grouping = all.groupings[g];
    // A client that sends less and one that sends more are two people.
    if (grouping.by.front() == kClient || grouping.by.front() == kHost || grouping.by.front() == kApplication ||
        grouping.by == std::vector{kProtocol})
      continue;
    const KeyChange *from = nullptr, *to = nullptr;
    for (const auto& change : all.tables[g].changes()) {
      if (says_nothing(grouping, change)) continue;
      const double rise = rise_of(change.now, change.then);
      if (change.now >= change.then * 2 && (to == nullptr || rise > rise_of(to->now, to->then))) to = &change;
      if (change.now <= change.then / 2 && (from == nullptr || rise < rise_of(from->now, from->then))) from = &change;
    }
    if (from == nullptr || to == nullptr) continue;
    const double rose = rise_of(to->now, to->then), fell = -rise_of(from->now, from->then);
    if (std::min(rose, fell) < kMovedPart * whole || std::min(rose, fell) < kMovedBalance * std::max(rose, fell))
      continue;
    candidates.push_back({&grouping, from, to, std::min(rose, fell) * grouping.weight});
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.size > b.size; });
  for (const auto& candidate : candidates) {
    Cause cause{
        .item = item_of(candidate.grouping->by, candidate.to->key), .measure = measure, .comparison = comparison};
    cause.moved_from = item_of(candidate.grouping->by, candidate.from->key);
    if (common_clients(examined, c, measure, *cause.moved_from, cause.item) < kMovedClients) continue;
    fill_figures(examined, cause);
    auto now = now_question(c, measure), then = then_question(c, measure);
    now.filter = then.filter = cause.moved_from->filter;
    cause.moved_from_figures = {.now = value_of(examined.questions.ask(now).totals, measure),
                                .then = value_of(examined.questions.ask(then).totals, measure)};
    cause.share = static_cast<double>(rise_of(candidate.to->now, candidate.to->then)) / whole;
    return cause;
  }
  return std::nullopt;
}

}  // namespace weir
