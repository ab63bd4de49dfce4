// What this stage asks of a monitor, whichever it is: its devices, their interfaces and what was counted there. Each
// monitor implements it in a folder of its own (monitor/zabbix). Calls that ask the monitor come from one thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "monitor/device_links.hpp"

namespace weir {

// What the values of a counter are; anything else is not compared.
enum class CounterUnit : std::uint8_t { kNone, kBitsPerSecond, kOctetsPerSecond };

struct CounterItem {
  std::string itemid;  // as the monitor names it; "": none
  CounterUnit unit = CounterUnit::kNone;
  int value_type = 0;          // as the monitor numbers it
  bool high_capacity = false;  // of 64 bits, which wins over that of 32
  bool is_comparable() const { return !itemid.empty() && unit != CounterUnit::kNone; }
  friend bool operator==(const CounterItem&, const CounterItem&) = default;
};

struct InterfaceFacts {
  std::string name, alias;  // may be empty
  std::optional<std::uint64_t> speed_bps;
  CounterItem in, out;
  friend bool operator==(const InterfaceFacts&, const InterfaceFacts&) = default;
};
using InterfaceMap = std::map<std::uint32_t, InterfaceFacts>;  // by ifIndex

// The devices of our exporters. A plain value.
struct DeviceView {
  std::map<IpAddress, DeviceLink> links;
  std::map<IpAddress, std::uint32_t> unsettled;    // see DeviceLinks
  std::map<std::string, InterfaceMap> interfaces;  // by hostid, of linked hosts
  std::map<std::string, bool> has_template;        // by hostid, of linked hosts
  const InterfaceMap* interfaces_of(const IpAddress& exporter) const {
    const auto link = links.find(exporter);
    const auto found = link == links.end() ? interfaces.end() : interfaces.find(link->second.hostid);
    return found == interfaces.end() ? nullptr : &found->second;
  }
  // A host without the template takes none: its exporters are then among those of the collector's own host.
  bool takes_values(const std::string& hostid) const {
    const auto found = has_template.find(hostid);
    return found == has_template.end() || found->second;
  }
};

// A counter, and from when on its samples are wanted.
struct CounterQuestion {
  CounterItem counter;
  std::int64_t from_s = 0;
};
// Of a counter, by its itemid: octets per second over the time since the sample before.
using TakeSample = std::function<void(const std::string& itemid, std::int64_t at_s, double octets_per_s)>;

class Inventory {
 public:
  virtual ~Inventory() = default;

  // Asks for devices and interfaces when that is due. While the monitor does not answer, what was known stays.
  virtual void refresh() = 0;
  // False while failures make it wait.
  virtual bool is_due() const = 0;
  // Samples of each counter come in the order of their times; some may be older than asked for.
  virtual Result<void> read_counters(const std::vector<CounterQuestion>& wanted, const TakeSample& take) = 0;

  // Any thread. Whether view() was ever told by the monitor, by this run or an earlier one.
  virtual bool is_known() const = 0;
  virtual std::shared_ptr<const DeviceView> view() const = 0;
  // Of linked exporters; never nullptr.
  virtual std::shared_ptr<const std::map<IpAddress, std::string>> device_names() const = 0;
};

}  // namespace weir
