// A label's code is its position among all labels, which are in the order of the letters.
#include "query/label_column.hpp"

#include <algorithm>

#include "query/mapped_column.hpp"

namespace weir {

namespace {

class LabelColumn : public DerivedColumn {
 public:
  std::string missing(const DerivedSources& sources) const override {
    return labels_of(sources) == nullptr ? how_to_know() : "";
  }
  std::shared_ptr<const Column> make(SegmentColumns& columns, ColumnId id) const override {
    const auto& labels = *labels_of(columns.sources());
    return std::make_shared<const Column>(
        map_addresses(columns[id], [&](const IpAddress& address) { return labels.code_of(address); }));
  }
  KeyValue value(const RawKey& raw, const DerivedSources& sources) const override {
    return labels_of(sources)->labels()[raw.b];
  }
  const std::vector<std::string>* names(const DerivedSources& sources) const override {
    return &labels_of(sources)->labels();
  }
  // Rules ask for each key that they keep, and a file has a hundred thousand labels.
  std::optional<RawKey> raw_of(const std::string& text, const DerivedSources& sources) const override {
    const auto* known = labels_of(sources);
    if (known == nullptr) return std::nullopt;
    const auto& labels = known->labels();
    const auto at = std::lower_bound(labels.begin(), labels.end(), text);
    return at == labels.end() || *at != text ? std::nullopt
                                             : std::optional(raw_key(static_cast<std::uint64_t>(at - labels.begin())));
  }

 private:
  // Null when there are none here.
  virtual const AddressLabels* labels_of(const DerivedSources& sources) const = 0;
  virtual std::string how_to_know() const = 0;
};

class NetworkColumn final : public LabelColumn {
  const AddressLabels* labels_of(const DerivedSources& sources) const override {
    return sources.names ? &sources.names->networks : nullptr;
  }
  std::string how_to_know() const override { return "networks are not known here"; }
  std::string_view names_come_from() const override { return "networks.lua"; }
};

class CountryColumn final : public LabelColumn {
  const AddressLabels* labels_of(const DerivedSources& sources) const override {
    return sources.database(AddressDatabaseId::kCountry);
  }
  std::string how_to_know() const override {
    return "countries are not known here: set enrich.country_database in weir.toml to a file in MaxMind's format that "
           "is there and whole (DB-IP Lite, GeoLite2 Country, or the "
           "npm package @ip-location-db/geo-whois-asn-country-mmdb)";
  }
  std::string mistake_in(std::string_view text) const override {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (text.empty() || (text.size() == 2 && std::all_of(text.begin(), text.end(), is_letter))) return "";
    return "expected a country of two letters such as DE";
  }
  bool is_closed_list() const override { return true; }
};

class AsNameColumn final : public LabelColumn {
  const AddressLabels* labels_of(const DerivedSources& sources) const override {
    return sources.database(AddressDatabaseId::kAsName);
  }
  std::string how_to_know() const override {
    return "names of autonomous systems are not known here: set enrich.as_database in weir.toml to a file in MaxMind's "
           "format that is there and whole (GeoLite2 ASN, DB-IP ASN "
           "Lite), or to the folder of the npm package @ip-location-db/asn";
  }
  std::string_view names_come_from() const override {
    return "the file of enrich.as_database; * stands for any letters, as in \"*telekom*\"";
  }
};

}  // namespace

const DerivedColumn& country_column() {
  static const CountryColumn column;
  return column;
}

const DerivedColumn& network_column() {
  static const NetworkColumn column;
  return column;
}

const DerivedColumn& as_name_column() {
  static const AsNameColumn column;
  return column;
}

}  // namespace weir
