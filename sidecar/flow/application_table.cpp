// Class 0 of every part is what a value has that no rule names; the sets of rules make decide() a few ANDs.
#include "flow/application_table.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace weir {

namespace {
void add(std::vector<std::uint64_t>& set, std::size_t rule) { set[rule / 64] |= std::uint64_t{1} << rule % 64; }

int compare_letters(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (lower(a[i]) != lower(b[i])) return lower(a[i]) < lower(b[i]) ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}
}  // namespace

ApplicationTable::ApplicationTable(std::vector<ApplicationRule> rules) : rules_(std::move(rules)) {
  for (const auto& rule : rules_) names_.push_back(rule.name);
  std::sort(names_.begin(), names_.end(), [](const auto& a, const auto& b) {
    const int order = compare_letters(a, b);
    return order != 0 ? order < 0 : a < b;
  });
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (const auto& rule : rules_)
    name_of_rule_.push_back(
        static_cast<std::uint32_t>(std::find(names_.begin(), names_.end(), rule.name) - names_.begin()));
  build_ports();
  server_classes_ = build_addresses(kServer, &ApplicationRule::servers);
  client_classes_ = build_addresses(kClient, &ApplicationRule::clients);
  build_as();
  build_exported();
}

std::string ApplicationTable::problem() const {
  if (rules_.size() > kMaxApplicationRules)
    return "more than " + std::to_string(kMaxApplicationRules) + " application rules, those of all files together";
  std::uint64_t combinations = 1;
  for (const auto& sets : sets_) {
    if (__builtin_mul_overflow(combinations, std::uint64_t{sets.size()}, &combinations)) {
      return "the application rules tell apart too many kinds of ports, networks and AS numbers at once: leave some "
             "out";
    }
  }
  return "";
}

std::uint32_t ApplicationTable::class_of(Part part, const RuleSet& set) {
  auto& sets = sets_[part];
  const auto place = static_cast<std::size_t>(std::find(sets.begin(), sets.end(), set) - sets.begin());
  if (place == sets.size()) sets.push_back(set);
  return static_cast<std::uint32_t>(place);
}

ApplicationTable::RuleSet ApplicationTable::rules_where(bool (*accepts_all)(const ApplicationRule&)) const {
  RuleSet set((rules_.size() + 63) / 64);
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    if (accepts_all(rules_[r])) add(set, r);
  }
  return set;
}

void ApplicationTable::build_ports() {
  const auto all = rules_where([](const ApplicationRule& r) { return r.ports.empty(); });
  class_of(kPorts, all);
  // Per protocol: the rules that begin and end to hold at a port, then one walk over the ports where that changes.
  struct Change {
    std::vector<std::size_t> begin, end;
  };
  std::array<std::map<std::uint32_t, Change>, 256> changes;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    for (const auto& ports : rules_[r].ports) {
      changes[ports.protocol][ports.first].begin.push_back(r);
      changes[ports.protocol][std::uint32_t{ports.last} + 1].end.push_back(r);
    }
  }
  for (std::size_t protocol = 0; protocol < changes.size(); ++protocol) {
    if (changes[protocol].empty()) continue;
    auto& classes = port_classes_[protocol];
    classes.assign(65536, 0);
    std::map<std::size_t, std::size_t> holding;  // rule: of how many ranges
    for (auto change = changes[protocol].begin(); change != changes[protocol].end(); ++change) {
      for (const auto r : change->second.end) {
        if (--holding[r] == 0) holding.erase(r);
      }
      for (const auto r : change->second.begin) ++holding[r];
      if (change->first > 65535) break;
      auto set = all;
      for (const auto& [r, count] : holding) add(set, r);
      const auto next = std::next(change);
      std::fill(classes.begin() + change->first,
                next == changes[protocol].end() ? classes.end() : classes.begin() + next->first, class_of(kPorts, set));
    }
  }
}

AddressIntervals<std::uint32_t> ApplicationTable::build_addresses(Part part,
                                                                  std::vector<IpPrefix> ApplicationRule::*list) {
  RuleSet all((rules_.size() + 63) / 64);
  std::vector<AddressIntervals<std::uint32_t>::Prefix> prefixes;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    if ((rules_[r].*list).empty()) add(all, r);
    for (const auto& p : rules_[r].*list) prefixes.push_back({p.address, p.last(), static_cast<std::uint32_t>(r)});
  }
  const auto outside = class_of(part, all);
  return {std::move(prefixes), outside, [&](std::uint32_t around, std::uint32_t rule) {
            auto set = sets_[part][around];
            add(set, rule);
            return class_of(part, set);
          }};
}

void ApplicationTable::build_as() {
  const auto all = rules_where([](const ApplicationRule& r) { return r.server_as.empty(); });
  class_of(kServerAs, all);
  std::map<std::uint32_t, RuleSet> sets;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    for (const auto as : rules_[r].server_as) add(sets.try_emplace(as, all).first->second, r);
  }
  for (const auto& [as, set] : sets) as_classes_[as] = class_of(kServerAs, set);
}

void ApplicationTable::build_exported() {
  class_of(kExported, rules_where([](const ApplicationRule& r) { return r.exported.empty(); }));
  const auto all = rules_where([](const ApplicationRule& r) {
    return r.exported.empty() && !(r.servers.empty() && r.clients.empty() && r.server_as.empty());
  });
  other_exported_ = class_of(kExported, all);
  std::map<std::uint32_t, RuleSet> sets;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    for (const auto id : rules_[r].exported) add(sets.try_emplace(id, all).first->second, r);
  }
  for (const auto& [id, set] : sets) exported_classes_[id] = class_of(kExported, set);
}

ApplicationCode ApplicationTable::decide(const Classes& classes) const {
  for (std::size_t word = 0; word * 64 < rules_.size(); ++word) {
    std::uint64_t accepting = ~std::uint64_t{0};
    for (std::size_t part = 0; part < kPartCount; ++part) accepting &= sets_[part][classes[part]][word];
    if (accepting != 0)
      return kNamed | name_of_rule_[word * 64 + static_cast<std::size_t>(std::countr_zero(accepting))];
  }
  return 0;
}

ApplicationCode ApplicationTable::code_of(std::uint8_t protocol, std::uint16_t server_port, const IpAddress& server,
                                          const IpAddress& client, std::uint32_t server_as,
                                          std::uint32_t exported) const {
  const auto named = decide({port_class(protocol, server_port), server_class(server), client_class(client),
                             as_class(server_as), exported_class(exported)});
  return named != 0 ? named : exported;
}

}  // namespace weir
