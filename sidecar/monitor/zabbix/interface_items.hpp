// Interfaces of a device out of the items that Zabbix polls anyway, as every stock template names them: by SNMP
// (net.if.in[ifHCInOctets.3], or net.if.in[3] with the OID of the column) and by an agent (net.if.in["eth0"]). The
// module reads them in the same way (lib/InterfaceItem.php); tests/support/zabbix/interface_items.json holds what both
// must answer. Pure; any thread.
#pragma once
#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/inventory.hpp"

namespace weir {

using NamedInterfaces = std::map<std::string, InterfaceFacts>;  // by name: an agent tells no ifIndex

struct InterfaceKey {
  enum class What : std::uint8_t { kIn, kOut, kSpeed } what = What::kIn;
  std::uint32_t index = 0;  // 0: the item goes by the interface's name
  std::string name;         // as the key has it; "" with an index
  bool high_capacity = false;
};
// From the item's key, or else from its OID ("1.3.6.1.2.1.31.1.1.1.6.3", "get[…]", "IF-MIB::ifHCInOctets.3"): IF-MIB,
// RFC 2863 6.
std::optional<InterfaceKey> parse_interface_key(std::string_view key, std::string_view oid);

struct DeviceInterfaces {
  InterfaceMap by_index;
  NamedInterfaces by_name;
};
// Adds one item of item.get (key_, name, snmp_oid, tags, itemid, units, value_type, lastvalue) to the interfaces of its
// host. What is no item of an interface changes nothing; past `max_interfaces` further ones are left out and false
// comes back.
bool add_interface_item(const boost::json::object& item, std::size_t max_interfaces, DeviceInterfaces& interfaces);

// What an agent tells of an interface goes to the ifIndex at which another item has that name alone, where that lacks
// it.
void add_named_interfaces(const NamedInterfaces& named, InterfaceMap& interfaces);

// "" where Zabbix has left a macro of low-level discovery in a text ("{#IFALIAS}"), because the discovery did not fill
// it.
std::string without_macros(std::string text);

}  // namespace weir
