// Looks up the label of a key by its field.
#include "api/key_names.hpp"

#include <algorithm>
#include <unordered_map>

#include "api/backend.hpp"
#include "flow/code_names.hpp"
#include "flow/port_table.hpp"
#include "flow/protocols.hpp"
#include "query/derived_column.hpp"

namespace weir {
namespace {

const KeyValue* key_of(const Query& query, const ResultRow& row, FieldId field) {
  const auto at = std::find(query.by.begin(), query.by.end(), field);
  return at == query.by.end() ? nullptr : &row.key[static_cast<std::size_t>(at - query.by.begin())];
}

const IpAddress* exporter_of(const Query& query, const ResultRow& row) {
  const auto* key = key_of(query, row, FieldId::kExporter);
  return key != nullptr ? std::get_if<IpAddress>(key) : nullptr;
}

// The name of a port: under the row's own protocol, else the one that TCP or UDP has for it.
std::string port_label(const Query& query, const ResultRow& row, std::uint64_t port, const KeyNames& names) {
  if (!names.service || port > 0xffff) return {};
  const auto at = [&](std::uint8_t protocol) { return names.service(protocol, static_cast<std::uint16_t>(port)); };
  if (const auto* key = key_of(query, row, FieldId::kProtocol)) {
    const auto* protocol = std::get_if<std::uint64_t>(key);
    return protocol != nullptr && *protocol <= 0xff ? at(static_cast<std::uint8_t>(*protocol)) : std::string{};
  }
  auto name = at(kIpProtocolTcp);
  return name.empty() ? at(kIpProtocolUdp) : name;
}

// The group-by fields whose key says nothing when it is zero or empty.
bool says_nothing(FieldId field, const KeyValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  const auto* number = std::get_if<std::uint64_t>(&value);
  return number != nullptr && *number == 0 && field == FieldId::kApplication;
}

// Asks once per exporter: a result has many rows of the same ones.
class InterfaceNames {
 public:
  explicit InterfaceNames(ApiBackend& backend) : backend_(&backend) {}

  std::string operator()(const IpAddress& address, std::uint32_t index) {
    const auto [known, is_new] = by_exporter_.try_emplace(address);
    if (is_new) {
      if (const auto* exporter = backend_->exporters().find(address)) {
        for (const auto& interface : backend_->interfaces(*exporter))
          known->second.emplace(interface.index, interface.name.value_or(""));
      }
    }
    const auto name = known->second.find(index);
    return name == known->second.end() ? std::string() : name->second;
  }

 private:
  ApiBackend* backend_;
  std::unordered_map<IpAddress, std::unordered_map<std::uint32_t, std::string>> by_exporter_;
};

}  // namespace

KeyNames key_names(ApiBackend& backend) {
  return {
      .service = [&backend](std::uint8_t protocol, std::uint16_t port) { return backend.service_name(protocol, port); },
      .exporter =
          [&backend](const IpAddress& address) {
            const auto* exporter = backend.exporters().find(address);
            return exporter == nullptr ? std::string{} : exporter->name.with([](const std::string& n) { return n; });
          },
      .interface = InterfaceNames(backend),
      .vrf =
          [&backend](const IpAddress& address, std::uint64_t number) {
            const auto* exporter = backend.exporters().find(address);
            return exporter == nullptr ? std::string() : exporter->told.with([&](const ToldNames& told) {
              const auto* name = told.find(ToldKind::kVrf, number);
              return name == nullptr ? std::string() : *name;
            });
          },
      .derived = backend.derived_sources()};
}

std::string key_label(const Query& query, const ResultRow& row, std::size_t i, const KeyNames& names) {
  const auto* number = std::get_if<std::uint64_t>(&row.key[i]);
  const auto* address = std::get_if<IpAddress>(&row.key[i]);
  if (const auto* derived = derived_column_of(query.by[i])) return derived->label(row.key[i]);
  switch (query.by[i]) {
    case FieldId::kHost:
    case FieldId::kClient:
    case FieldId::kServer:
      return address != nullptr && names.derived.names ? names.derived.names->networks.label_of(*address) : "";
    case FieldId::kPort:
    case FieldId::kClientPort:
    case FieldId::kServerPort: return number != nullptr ? port_label(query, row, *number, names) : "";
    case FieldId::kAs:
    case FieldId::kClientAs:
    case FieldId::kServerAs:
    case FieldId::kSrcAs:
    case FieldId::kDstAs: {
      const auto* systems = names.derived.database(AddressDatabaseId::kAsName);
      return number != nullptr && systems != nullptr ? systems->label_of_number(*number) : "";
    }
    case FieldId::kProtocol: return number != nullptr ? std::string(protocol_name(*number)) : "";
    case FieldId::kExporter: return address != nullptr && names.exporter ? names.exporter(*address) : "";
    case FieldId::kInIf:
    case FieldId::kOutIf:
    case FieldId::kInterface: {
      const auto* exporter = exporter_of(query, row);
      if (number == nullptr || exporter == nullptr || !names.interface) return {};
      return names.interface(*exporter, static_cast<std::uint32_t>(*number));
    }
    case FieldId::kEndReason: return number != nullptr ? std::string(end_reason_name(*number)) : "";
    case FieldId::kForwarding: return number != nullptr ? std::string(forwarding_name(*number)) : "";
    case FieldId::kFirewallEvent: return number != nullptr ? std::string(firewall_event_name(*number)) : "";
    case FieldId::kNatEvent: return number != nullptr ? std::string(nat_event_name(*number)) : "";
    case FieldId::kInVrf:
    case FieldId::kOutVrf: {
      const auto* exporter = exporter_of(query, row);
      return number == nullptr || exporter == nullptr || !names.vrf ? "" : names.vrf(*exporter, *number);
    }
    default: return {};
  }
}

std::string key_title(const Query& query, const ResultRow& row, std::size_t i, const KeyNames& names) {
  if (says_nothing(query.by[i], row.key[i])) return "unknown";
  const auto label = key_label(query, row, i, names);
  const auto* number = std::get_if<std::uint64_t>(&row.key[i]);
  if (query.by[i] == FieldId::kApplication && number != nullptr)
    return application_number_text(static_cast<std::uint32_t>(*number));
  if (label.empty()) return key_text(row.key[i]);
  return query.by[i] == FieldId::kProtocol ? label : key_text(row.key[i]) + " " + label;
}

}  // namespace weir
