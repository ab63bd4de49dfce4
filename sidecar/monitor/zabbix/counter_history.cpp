// Items of one type of value are asked for together, from the earliest time that one of them is wanted from.
#include "monitor/zabbix/counter_history.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <unordered_map>

#include "monitor/zabbix/json_fields.hpp"

namespace weir {

namespace json = boost::json;

namespace {

constexpr std::size_t kItemsPerCall = 200;

Result<void> read_items(ZabbixApi& api, int value_type, std::span<const CounterQuestion* const> wanted,
                        std::int64_t now_s, const TakeSample& take) {
  json::array itemids;
  std::int64_t from_s = now_s;
  std::unordered_map<std::string, CounterUnit> units;
  for (const auto* question : wanted) {
    itemids.emplace_back(question->counter.itemid);
    units[question->counter.itemid] = question->counter.unit;
    from_s = std::min(from_s, question->from_s);
  }
  const auto answer = api.call("history.get", {{"output", {"itemid", "clock", "value"}},
                                               {"history", value_type},
                                               {"itemids", std::move(itemids)},
                                               {"time_from", from_s},
                                               {"sortfield", "clock"},
                                               {"sortorder", "ASC"}});
  if (!answer) return answer.error();
  if (!answer->is_array()) return error("history.get: the answer is no list");
  for (const auto& entry : answer->as_array()) {
    if (!entry.is_object()) continue;
    const auto& object = entry.as_object();
    const auto unit = units.find(text_field(object, "itemid"));
    if (unit == units.end()) continue;
    const double value = std::strtod(text_field(object, "value").c_str(), nullptr);
    take(unit->first, std::strtoll(text_field(object, "clock").c_str(), nullptr, 10),
         unit->second == CounterUnit::kBitsPerSecond ? value / 8 : value);
  }
  return {};
}

}  // namespace

Result<void> read_counter_history(ZabbixApi& api, const std::vector<CounterQuestion>& wanted, std::int64_t now_s,
                                  const TakeSample& take) {
  std::map<int, std::vector<const CounterQuestion*>> by_type;
  for (const auto& question : wanted) by_type[question.counter.value_type].push_back(&question);
  for (const auto& [value_type, questions] : by_type) {
    for (std::size_t at = 0; at < questions.size(); at += kItemsPerCall) {
      const auto some = std::span(questions).subspan(at, std::min(kItemsPerCall, questions.size() - at));
      if (auto read = read_items(api, value_type, some, now_s, take); !read) return read;
    }
  }
  return {};
}

}  // namespace weir
