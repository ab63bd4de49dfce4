// How explanations write figures, and name what they speak about. Pure; any thread.
#pragma once
#include <cstdint>
#include <string>

#include "api/key_names.hpp"
#include "query/explain.hpp"

namespace weir {

// "1,234,567".
std::string grouped(std::uint64_t number);
// "1,234 packets".
std::string number_of(std::uint64_t number, const char* one, const char* many);
std::string percent(double part);
// "2 h 5 min": the two largest units.
std::string length_text(std::int64_t ms);
std::string octets_text(std::uint64_t octets);
std::string rate_of_octets(std::uint64_t octets, std::int64_t ms);
std::string amount(const Measures& measures, Measure measure);
// As a chart shows it: octets as a rate.
std::string level(const Measures& measures, Measure measure, std::int64_t ms);
std::string level_of(std::uint64_t value, Measure measure, std::int64_t ms);

// "server 10.0.0.1 on 443/tcp (https)".
std::string item_title(const TrafficItem& item, const KeyNames& names);
// With how many there are where no single one stands for it.
std::string cause_title(const Cause& cause, const KeyNames& names);

}  // namespace weir
