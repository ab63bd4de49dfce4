// A field is added when one value of it has nearly all of the item's change.
#include "query/explain_narrowing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "query/explain_since.hpp"
#include "query/key_text.hpp"

namespace weir {

namespace {

constexpr double kNearlyAll = 0.9;
constexpr std::uint32_t kBucketsOfStretch = 180;
// As much as last week: the difference is small beside the one that it explains.
constexpr double kUsualDifference = 0.4;
// An exporter's largest conversations are asked for at others; so much in common is the same traffic.
constexpr std::size_t kLookedAt = 20;
constexpr double kSameTraffic = 0.5;

bool has(const TrafficItem& item, FieldId field) {
  return std::find(item.by.begin(), item.by.end(), field) != item.by.end();
}

void add_field(TrafficItem& item, FieldId field, const KeyValue& value) {
  auto by = item.by;
  auto key = item.key;
  by.push_back(field);
  key.push_back(value);
  item = item_of(std::move(by), std::move(key));
}

class Narrowing {
 public:
  Narrowing(const Examined& examined, Cause& cause)
      : examined_(examined), c_(examined.comparisons[cause.comparison]), cause_(cause) {}

  // The item has it as well, when one value stands for the item.
  void add(const std::vector<FieldId>& by) {
    const double whole = rise_of(value_of(of_item(now_question(c_, cause_.measure)).totals, cause_.measure),
                                 value_of(of_item(then_question(c_, cause_.measure)).totals, cause_.measure));
    const auto table = table_of(by);
    const KeyChange* largest = nullptr;
    for (const auto& change : table.changes()) {
      if (largest == nullptr || rise_of(change.now, change.then) / whole > rise_of(largest->now, largest->then) / whole)
        largest = &change;
    }
    if (largest == nullptr || rise_of(largest->now, largest->then) / whole < kNearlyAll) {
      several_.push_back(by);
      return;
    }
    for (std::size_t f = by.size(); f-- > 0;) {
      // Protocols without ports.
      const auto* number = std::get_if<std::uint64_t>(&largest->key[f]);
      if (by[f] == FieldId::kServerPort && number != nullptr && *number == 0) continue;
      if (!has(cause_.item, by[f])) add_field(cause_.item, by[f], largest->key[f]);
    }
  }

  // How many values there are of what is not one, in the item as it is now.
  void count() {
    for (const auto& by : several_) {
      const auto table = table_of(by);
      const Pair keys{.now = table.keys_now(), .then = table.keys_then()};
      if (by.front() == FieldId::kClient) cause_.clients = keys;
      else if (by.front() == FieldId::kServer) cause_.servers = keys;
      else cause_.ports = keys;
    }
  }

 private:
  const QueryResult& of_item(Question question) {
    question.filter = cause_.item.filter;
    return examined_.questions.ask(question);
  }
  // Of few conversations all is known by one question; else each field is asked about.
  ChangeTable table_of(const std::vector<FieldId>& by) {
    auto now = now_question(c_, cause_.measure), then = then_question(c_, cause_.measure);
    now.filter = then.filter = cause_.item.filter;
    now.by = then.by = {FieldId::kClient, FieldId::kServer, FieldId::kProtocol, FieldId::kServerPort};
    if (examined_.questions.ask(now).other_keys == 0 && examined_.questions.ask(then).other_keys == 0)
      return examined_.questions.changes(now, then).of_fields(by);
    now.by = then.by = by;
    return examined_.questions.changes(now, then);
  }

  const Examined& examined_;
  const Comparison& c_;
  Cause& cause_;
  std::vector<std::vector<FieldId>> several_;
};

// Who else reports the conversations of an exporter that the item is.
std::optional<IpAddress> other_reporter(const Examined& examined, const Cause& cause) {
  if (cause.item.by != std::vector{FieldId::kExporter} || !cause.rose) return std::nullopt;
  const auto& c = examined.comparisons[cause.comparison];
  auto question = now_question(c, Measure::kOctets);
  question.filter = cause.item.filter;
  question.by = {FieldId::kClient, FieldId::kServer, FieldId::kProtocol, FieldId::kServerPort};
  const auto& own = examined.questions.ask(question);
  std::string conversations;
  std::unordered_map<std::string, std::uint64_t> octets;
  double own_octets = 0;
  const auto looked_at = std::min(own.rows.size(), kLookedAt);
  for (std::size_t r = 0; r < looked_at; ++r) {
    const auto term = key_filter(question.by, own.rows[r].key);
    conversations += (conversations.empty() ? "(" : " or (") + term + ")";
    octets[term] = own.rows[r].measures.octets;
    own_octets += static_cast<double>(own.rows[r].measures.octets);
  }
  if (conversations.empty() || examined.query.filter.size() + conversations.size() + 100 > kMaxFilterLength)
    return std::nullopt;
  auto others = now_question(c, Measure::kOctets);
  others.filter = "not (" + cause.item.filter + ") and (" + conversations + ")";
  others.by = question.by;
  double common = 0;
  for (const auto& row : examined.questions.ask(others).rows)
    common += static_cast<double>(std::min(row.measures.octets, octets[key_filter(question.by, row.key)]));
  if (own_octets <= 0 || common < kSameTraffic * own_octets) return std::nullopt;
  others.by = {FieldId::kExporter};
  const auto& exporters = examined.questions.ask(others);
  const auto* address = exporters.rows.empty() ? nullptr : std::get_if<IpAddress>(&exporters.rows.front().key.front());
  return address == nullptr ? std::nullopt : std::optional(*address);
}

void find_beginning(const Examined& examined, Cause& cause) {
  const auto& range = examined.query.range;
  const auto length = range.to_ms - range.from_ms;
  const auto before = before_of(range).range;
  if (before.from_ms < 0 || before.to_ms != range.from_ms) return;
  const auto buckets = static_cast<std::uint32_t>(std::min<std::int64_t>(kBucketsOfStretch, length));
  Question question{.range = {.from_ms = before.from_ms, .to_ms = range.to_ms},
                    .left_out = examined.comparisons[cause.comparison].left_out,
                    .filter = cause.item.filter,
                    .buckets = 2 * buckets};
  const auto& series = examined.questions.ask(question).series.back();
  const auto first =
      first_risen(cause.measure == Measure::kOctets ? series.octets : series.packets, buckets, cause.rose);
  if (!first) return;
  cause.bucket_ms = length / buckets;
  cause.since_earlier = *first < buckets;
  // High all the time: nobody knows since when.
  if (*first > 0)
    cause.since_ms =
        before.from_ms + static_cast<std::int64_t>(*first) * 2 * length / (2 * static_cast<std::int64_t>(buckets));
}

}  // namespace

TrafficItem item_of(std::vector<FieldId> by, ItemKey key) {
  // In the order in which people say it.
  static constexpr std::array kOrder{FieldId::kClient, FieldId::kServer, FieldId::kHost, FieldId::kProtocol,
                                     FieldId::kServerPort};
  const auto place = [](FieldId field) { return std::find(kOrder.begin(), kOrder.end(), field) - kOrder.begin(); };
  std::vector<std::size_t> order(by.size());
  for (std::size_t f = 0; f < by.size(); ++f) order[f] = f;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return place(by[a]) < place(by[b]); });
  TrafficItem item;
  for (const auto f : order) {
    item.by.push_back(by[f]);
    item.key.push_back(std::move(key[f]));
  }
  item.filter = key_filter(item.by, item.key);
  return item;
}

void narrow(const Examined& examined, Cause& cause) {
  Narrowing narrowing(examined, cause);
  const auto starts_as = cause.item.by.front();
  // An exporter or interface stands for all that passes it.
  if (starts_as == FieldId::kExporter) return;
  const bool is_host = starts_as == FieldId::kHost;
  if (!is_host && !has(cause.item, FieldId::kClient) && starts_as != FieldId::kServer)
    narrowing.add({FieldId::kClient});
  if (!is_host && !has(cause.item, FieldId::kServer)) narrowing.add({FieldId::kServer});
  if (!is_host && !has(cause.item, FieldId::kClient) && starts_as == FieldId::kServer)
    narrowing.add({FieldId::kClient});
  if (!has(cause.item, FieldId::kServerPort) && starts_as != FieldId::kProtocol)
    narrowing.add({FieldId::kProtocol, FieldId::kServerPort});
  narrowing.count();
}

void fill_figures(const Examined& examined, Cause& cause) {
  cause.figures.assign(examined.comparisons.size(), std::nullopt);
  for (std::size_t i = 0; i < examined.comparisons.size(); ++i) {
    const auto& c = examined.comparisons[i];
    if (!c.is_compared()) continue;
    auto now = now_question(c, cause.measure), then = then_question(c, cause.measure);
    now.filter = then.filter = cause.item.filter;
    const auto now_totals = examined.questions.ask(now).totals;
    cause.figures[i] = Cause::Figures{.now = now_totals, .then = examined.questions.ask(then).totals};
  }
  find_beginning(examined, cause);
  cause.also_reported_by = other_reporter(examined, cause);

  const auto difference = [&](std::size_t i) {
    return std::abs(
        rise_of(value_of(cause.figures[i]->now, cause.measure), value_of(cause.figures[i]->then, cause.measure)));
  };
  for (std::size_t i = 0; i < examined.comparisons.size(); ++i) {
    if (i == cause.comparison || examined.comparisons[i].baseline.against != Against::kLastWeek || !cause.figures[i])
      continue;
    cause.usual = difference(i) <= kUsualDifference * difference(cause.comparison);
  }
}

}  // namespace weir
