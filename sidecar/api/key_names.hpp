// What the keys of a result's rows are called, for JSON, CSV and tables. Any thread; one KeyNames is for one of them.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "query/key_text.hpp"
#include "query/query.hpp"

namespace weir {

class ApiBackend;

// Names for the keys of rows; a function that is absent, or returns "", gives no label.
struct KeyNames {
  std::function<std::string(std::uint8_t protocol, std::uint16_t port)> service;
  std::function<std::string(const IpAddress& exporter)> exporter;
  std::function<std::string(const IpAddress& exporter, std::uint32_t index)> interface;
  std::function<std::string(const IpAddress& exporter, std::uint64_t number)> vrf{};
  DerivedSources derived{};  // networks of addresses, names of autonomous systems
};

// The names that a running collector knows. `backend` must outlive the result.
KeyNames key_names(ApiBackend& backend);

// The name of the row's key `i`, "" when it has none.
std::string key_label(const Query& query, const ResultRow& row, std::size_t i, const KeyNames& names);
// Both, as a person reads them: "443 https", "tcp", "10.0.0.1 office"; "unknown" where the exporters and the rules say
// nothing.
std::string key_title(const Query& query, const ResultRow& row, std::size_t i, const KeyNames& names);

}  // namespace weir
