// From one field of an item to all that says more about it: "client A" to "client A, server B, port 873"; or how many
// there are where no single one stands for it. And what is to be told of an item. One thread.
#pragma once
#include "query/explain_causes.hpp"

namespace weir {

TrafficItem item_of(std::vector<FieldId> by, ItemKey key);
// Fields that say more about the cause's item, and the numbers of those that do not.
void narrow(const Examined& examined, Cause& cause);
// Figures of every comparison, since when, whether that is usual, and who else reports it.
void fill_figures(const Examined& examined, Cause& cause);

}  // namespace weir
