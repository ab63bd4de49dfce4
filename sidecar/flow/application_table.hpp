// Which application a session is, by rules that are tried in order. Each thing that rules look at is reduced to a
// class: the values that the same rules accept; a session's classes together decide, so a query decides once per
// combination. Made by the applications script. Immutable once shared; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ip_address.hpp"
#include "flow/address_intervals.hpp"

namespace weir {

inline constexpr std::size_t kMaxApplicationRules = 4096;

// Everything given must hold; of each list, one entry. An empty list accepts all.
struct ApplicationRule {
  struct Ports {
    std::uint8_t protocol = 0;
    std::uint16_t first = 0, last = 65535;  // of the server
  };
  std::string name;
  std::vector<Ports> ports;
  std::vector<IpPrefix> servers, clients;
  std::vector<std::uint32_t> server_as;
  std::vector<std::uint32_t> exported;  // what the exporter classified: engine << 24 | selector
};

// An application as queries see it: kNamed | position of the name, or what the exporter classified when no rule names
// it; 0 when neither.
using ApplicationCode = std::uint64_t;

class ApplicationTable {
 public:
  static constexpr ApplicationCode kNamed = std::uint64_t{1} << 32;
  enum Part : std::size_t { kPorts, kServer, kClient, kServerAs, kExported, kPartCount };
  using Classes = std::array<std::uint32_t, kPartCount>;

  ApplicationTable() : ApplicationTable(std::vector<ApplicationRule>{}) {}
  // At most kMaxApplicationRules. A rule of ports alone leaves sessions alone that the exporter classified itself.
  explicit ApplicationTable(std::vector<ApplicationRule> rules);

  // Why these rules cannot be in force: too many, or more combinations of classes than a number holds. "": they can.
  std::string problem() const;
  bool empty() const { return rules_.empty(); }
  std::size_t rule_count() const { return rules_.size(); }
  // Whether any rule looks at this part; if none does, all values are of class 0.
  bool looks_at(Part part) const { return sets_[part].size() > 1; }

  std::uint32_t port_class(std::uint8_t protocol, std::uint16_t server_port) const {
    return port_classes_[protocol].empty() ? 0 : port_classes_[protocol][server_port];
  }
  std::uint32_t server_class(const IpAddress& address) const { return server_classes_.at(address); }
  std::uint32_t client_class(const IpAddress& address) const { return client_classes_.at(address); }
  std::uint32_t as_class(std::uint32_t as) const { return class_in(as_classes_, as, 0); }
  std::uint32_t exported_class(std::uint32_t id) const {
    return id == 0 ? 0 : class_in(exported_classes_, id, other_exported_);
  }
  std::size_t class_count(Part part) const { return sets_[part].size(); }

  // kNamed | name of the first rule that all five classes accept; 0 when there is none.
  ApplicationCode decide(const Classes& classes) const;
  ApplicationCode code_of(std::uint8_t protocol, std::uint16_t server_port, const IpAddress& server,
                          const IpAddress& client, std::uint32_t server_as, std::uint32_t exported) const;

  // In the order of the letters, without regard to case.
  const std::vector<std::string>& names() const { return names_; }
  static bool is_named(ApplicationCode code) { return code >= kNamed; }
  const std::string& name_of(ApplicationCode code) const { return names_[static_cast<std::size_t>(code - kNamed)]; }

 private:
  using RuleSet = std::vector<std::uint64_t>;  // a bit per rule
  using AsClasses = std::unordered_map<std::uint32_t, std::uint32_t>;
  static std::uint32_t class_in(const AsClasses& classes, std::uint32_t value, std::uint32_t otherwise) {
    const auto found = classes.find(value);
    return found == classes.end() ? otherwise : found->second;
  }
  // The class of the values that these rules accept.
  std::uint32_t class_of(Part part, const RuleSet& set);
  RuleSet rules_where(bool (*accepts_all)(const ApplicationRule&)) const;
  void build_ports();
  AddressIntervals<std::uint32_t> build_addresses(Part part, std::vector<IpPrefix> ApplicationRule::*list);
  void build_as();
  void build_exported();

  std::vector<ApplicationRule> rules_;
  std::vector<std::string> names_;
  std::vector<std::uint32_t> name_of_rule_;
  std::array<std::vector<RuleSet>, kPartCount> sets_;         // by class
  std::array<std::vector<std::uint32_t>, 256> port_classes_;  // by protocol; empty: class 0
  AddressIntervals<std::uint32_t> server_classes_, client_classes_;
  AsClasses as_classes_, exported_classes_;
  std::uint32_t other_exported_ = 0;
};

}  // namespace weir
