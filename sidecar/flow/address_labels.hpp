// Labels of addresses: countries, networks, names of autonomous systems. Immutable once shared; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

class AddressLabels {
 public:
  virtual ~AddressLabels() = default;
  // A number below labels().size(); 0 where nothing is known of the address.
  virtual std::uint32_t code_of(const IpAddress& address) const = 0;
  // By code, in the order of the letters; labels()[0] is "".
  virtual const std::vector<std::string>& labels() const = 0;
  // The label of a number that stands for some of the addresses, such as an AS number; "" when there is none.
  virtual std::string label_of_number(std::uint64_t) const { return {}; }

  const std::string& label_of(const IpAddress& address) const { return labels()[code_of(address)]; }
};

}  // namespace weir
