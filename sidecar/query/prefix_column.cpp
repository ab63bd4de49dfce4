// A prefix is told by its first address and its length: 10.1.2.0/24.
#include "query/prefix_column.hpp"

#include "core/count_text.hpp"
#include "query/mapped_column.hpp"

namespace weir {

namespace {

constexpr int kV4Offset = 96;  // of an IPv4 address among the 128 bits

IpAddress masked(const IpAddress& address, const PrefixLengths& lengths) {
  if (address.is_unset()) return address;
  const int kept = address.is_v4() ? kV4Offset + lengths.v4 : lengths.v6;
  auto prefix = address == IpAddress::any_v6() ? IpAddress{} : address;
  for (int byte = kept / 8; byte < 16; ++byte) {
    const int bits = byte == kept / 8 ? kept % 8 : 0;
    auto& octet = prefix.bytes[static_cast<std::size_t>(byte)];
    octet = static_cast<std::uint8_t>(octet & ~(0xff >> bits));
  }
  return prefix.is_unset() ? IpAddress::any_v6() : prefix;
}

class PrefixColumn final : public DerivedColumn {
 public:
  std::shared_ptr<const Column> make(SegmentColumns& columns, ColumnId id) const override {
    const auto& lengths = columns.sources().prefix;
    return std::make_shared<const Column>(
        mask_addresses(columns[id], [&](const IpAddress& address) { return masked(address, lengths); }));
  }
  KeyValue value(const RawKey& raw, const DerivedSources& sources) const override {
    const auto first = address_of(raw);
    if (first.is_unset()) return first;
    return first.text() + "/" + std::to_string(first.is_v4() ? sources.prefix.v4 : sources.prefix.v6);
  }
  std::optional<RawKey> raw_of(const std::string& text, const DerivedSources&) const override {
    const auto prefix = parse_ip_prefix(text);
    if (!prefix) return std::nullopt;
    return raw_key(prefix->address.is_unset() ? IpAddress::any_v6() : prefix->address);
  }
  bool is_filtered_as_stored() const override { return true; }
};

}  // namespace

const DerivedColumn& prefix_column() {
  static const PrefixColumn column;
  return column;
}

Result<PrefixLengths> parse_prefix_lengths(std::string_view text, PrefixLengths lengths) {
  const auto mistake = [&] {
    return error(
        "expected a length such as prefix/24 (IPv4, up to 32), prefix/56 (IPv6, 33 to 128) or prefix/24/56 (both), "
        "found '/" +
        std::string(text.substr(0, 20)) + "'");
  };
  const auto slash = text.find('/');
  const auto first = parse_whole_number(text.substr(0, slash));
  if (!first || *first > 128) return mistake();
  if (slash == std::string_view::npos) {
    (*first <= 32 ? lengths.v4 : lengths.v6) = static_cast<std::uint8_t>(*first);
    return lengths;
  }
  const auto second = parse_whole_number(text.substr(slash + 1));
  if (!second || *first > 32 || *second > 128) return mistake();
  return PrefixLengths{.v4 = static_cast<std::uint8_t>(*first), .v6 = static_cast<std::uint8_t>(*second)};
}

}  // namespace weir
