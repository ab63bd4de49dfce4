// Binary search in the generated element table.
#include "decode/element_map.hpp"

#include <algorithm>
#include <utility>

namespace weir {

const ElementInfo* find_element(std::uint32_t pen, std::uint16_t ie) {
  const auto key = std::pair(pen, ie);
  const auto at = std::lower_bound(kElements.begin(), kElements.end(), key,
                                   [](const ElementInfo& e, const auto& k) { return std::pair(e.pen, e.ie) < k; });
  return at != kElements.end() && at->pen == pen && at->ie == ie ? &*at : nullptr;
}

}  // namespace weir
