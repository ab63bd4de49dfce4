// What Zabbix keeps of counters of interfaces: history.get of items that hold rates. One thread; blocks.
#pragma once
#include "monitor/inventory.hpp"
#include "monitor/zabbix/zabbix_api.hpp"

namespace weir {

Result<void> read_counter_history(ZabbixApi& api, const std::vector<CounterQuestion>& wanted, std::int64_t now_s,
                                  const TakeSample& take);

}  // namespace weir
