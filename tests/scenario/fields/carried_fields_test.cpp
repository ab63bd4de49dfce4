// Every carried field of schemas/fields.json: from its element in an IPFIX record to a column of the stored session,
// and back through the store's encoding. A new row is tested by being there.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "decode/decoder.hpp"
#include "flow/column_access.hpp"
#include "flow/record_target.hpp"
#include "flow/session_object.hpp"
#include "flow/session_parts.hpp"
#include "query/query.hpp"
#include "session/session_table.hpp"
#include "store/encoding.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"
#include "support/wire_bytes.hpp"

using namespace weir;
using weir::test::Wire;

namespace {

constexpr std::int64_t kNowSeconds = 1'714'564'800;
// Fits a prefix length, a VLAN and a port, and no other member of the record has it.
constexpr std::uint64_t kValue = 0x5a;
const auto kAddress = *parse_ip_address("198.51.100.90");

class Stored final : public SessionSink {
 public:
  void on_sessions(SessionBatch&& batch) override {
    for (auto& session : batch.sessions) by_id_[session.id] = session;
  }
  std::vector<Session> sessions() const {
    std::vector<Session> list;
    for (const auto& [id, session] : by_id_) list.push_back(session);
    return list;
  }

 private:
  std::map<std::uint64_t, Session> by_id_;
};

struct ToTable final : RecordSink {
  explicit ToTable(SessionTable& to) : table(to) {}
  void on_records(std::span<const FlowRecord> batch) override { table.add(batch, kNowSeconds * 1000); }
  SessionTable& table;
};

// A TCP flow whose record ends with the element, and with the same as RFC 5103 reverses it if the flow is one of two
// directions.
std::vector<Session> sessions_with(const ElementInfo& element, bool biflow) {
  const auto target = record_target(element.target);
  const std::uint16_t length =
      target.kind == RecordTarget::Kind::kAddress ? 4 : static_cast<std::uint16_t>(target.width);
  Wire layout, record;
  std::uint16_t fields = 0;
  const auto field = [&](std::uint16_t ie, std::uint16_t octets, std::uint32_t pen = 0) {
    ++fields;
    layout.u16(pen == 0 ? ie : ie | 0x8000).u16(octets);
    if (pen != 0) layout.u32(pen);
  };
  field(8, 4), field(12, 4), field(7, 2), field(11, 2), field(4, 1), field(1, 4), field(2, 4), field(152, 8),
      field(153, 8);
  record.ip("10.0.0.1")
      .ip("10.0.0.2")
      .u16(50000)
      .u16(443)
      .u8(6)
      .u32(1000)
      .u32(10)
      .u64(kNowSeconds * 1000 - 500)
      .u64(kNowSeconds * 1000 - 400);
  if (biflow) {
    field(1, 4, 29305), field(2, 4, 29305);
    record.u32(2000).u32(20);
  }
  field(element.ie, length, element.pen);
  if (target.kind == RecordTarget::Kind::kAddress) record.ip(kAddress.text());
  else
    for (std::uint16_t i = 0; i < length; ++i) record.u8(i + 1 == length ? kValue : 0);

  Stored stored;
  SessionTable table({}, 1, stored);
  ToTable sink(table);
  ExporterTable exporters(16);
  Decoder decoder({}, exporters, sink);
  // In IPFIX the upper bit of a number is that of an enterprise: such elements come with NetFlow v9.
  const bool is_v9 = element.ie >= 0x8000;
  const Wire sets = Wire().set(is_v9 ? 0 : 2, Wire().u16(256).u16(fields).add(layout)).set(256, record);
  const Wire message = is_v9 ? Wire().u16(9).u16(2).u32(3'600'000).u32(kNowSeconds).u32(0).u32(0).add(sets)
                             : Wire().u16(10).u16(16 + sets.size()).u32(kNowSeconds).u32(0).u32(0).add(sets);
  decoder.decode({.source = IpAddress::from_v4(0xc0000201),
                  .source_port = 50000,
                  .local_port = 2055,
                  .arrival_ms = kNowSeconds * 1000,
                  .payload = message.bytes()});
  table.finish();
  return stored.sessions();
}

template <class T>
bool is_the_value(const T& value) {
  if constexpr (std::is_same_v<T, IpAddress>) return value == kAddress;
  else return value == kValue;
}

// Columns that hold the value; the first of a pair is that of the client's half, or of the client.
std::vector<ColumnId> columns_with_value(const Session& session) {
  std::vector<ColumnId> found;
  load_columns(session, [&](ColumnId id, const auto& value) {
    if (is_the_value(value)) found.push_back(id);
  });
  return found;
}

bool is_carried(ElementTarget target) {
  const auto place = record_target(target);
  bool carried = false;
  FlowRecord record;
  each_carried(record, [&](const char*, const auto& member) {
    carried |=
        place.width != 0 && reinterpret_cast<const std::byte*>(&member) - reinterpret_cast<const std::byte*>(&record) ==
                                static_cast<std::ptrdiff_t>(place.offset);
  });
  return carried;
}

struct Shown {
  std::vector<std::string>& names;
  void number(std::string_view name, std::uint64_t value) const {
    if (value == kValue) names.emplace_back(name);
  }
  void address(std::string_view name, const IpAddress& value) const {
    if (value == kAddress) names.emplace_back(name);
  }
  void coded(std::string_view name, FieldType, std::uint64_t code) const { number(name, code); }
};

}  // namespace

TEST_CASE("a carried element comes to a column of the session, a word of the filter and the session object") {
  std::size_t tested = 0;
  for (const auto& element : kElements) {
    const bool reverse = element.name.starts_with("reverse");
    if (!is_carried(element.target) || element.ie == 81 || element.ie == 57) continue;
    CAPTURE(element.name);
    const auto sessions = sessions_with(element, reverse);
    REQUIRE(sessions.size() == 1);
    const auto columns = columns_with_value(sessions[0]);
    REQUIRE(columns.size() == 1);

    // The encoding gives back what it was given.
    const auto encoded = encode_columns(sessions);
    const auto decoded = decode_rows(1, [&](ColumnId id) -> const Column& { return encoded[column_index(id)]; });
    CHECK(columns_with_value(decoded[0]) == columns);

    const auto& column = kColumns[column_index(columns[0])];
    const auto reads_it = [&](const FieldInfo& field) {
      return field.filter && std::any_of(field.source.begin(), field.source.end(), [&](const auto& side) {
               return std::find(side.begin(), side.end(), column.id) != side.end();
             });
    };
    CHECK(std::any_of(kFields.begin(), kFields.end(),
                      [&](const auto& field) { return field.columns != 0 && reads_it(field); }));

    std::vector<std::string> shown;
    show_carried(sessions[0], Shown{shown});
    // The API has TCP flags of both halves together, AS by older names, and of a biflow the client's half.
    const bool has_own_name = element.target == ElementTarget::kTcpFlags || element.target == ElementTarget::kSrcAs ||
                              element.target == ElementTarget::kDstAs || reverse;
    CHECK((has_own_name || shown.size() == 1));
    ++tested;
  }
  CHECK(tested >= 30);
}

TEST_CASE("the ends' fields follow the ends when client and server change places") {
  FlowRecord forward;
  forward.src = *parse_ip_address("10.0.0.1"), forward.dst = *parse_ip_address("10.0.0.2");
  Session session;
  std::uint8_t next = 1;
  FlowRecord filled = forward;
  each_carried(forward, [&](const char* name, const auto& member) {
    if (!std::string_view(name).starts_with("src_") && !std::string_view(name).starts_with("dst_")) return;
    const auto at = reinterpret_cast<const std::byte*>(&member) - reinterpret_cast<const std::byte*>(&forward);
    *(reinterpret_cast<std::byte*>(&filled) + at) = std::byte{next++};
  });
  fill_carried(filled, true, session);
  Session turned;
  fill_carried(filled, false, turned);
  swap_carried_ends(turned);
  CHECK(std::memcmp(&session.client_as, &turned.client_as, sizeof session.client_as) == 0);
  load_columns(session, [&](ColumnId id, const auto& value) {
    load_columns(turned, [&](ColumnId other, const auto& same) {
      if constexpr (std::is_same_v<decltype(value), decltype(same)>) {
        if (id == other) CHECK(value == same);
      }
    });
  });
  // Merging two sessions of one conversation fills what one of them lacks, whichever way it is turned.
  Session merged;
  fill_carried(turned, false, merged);
  CHECK(merged.client_as == session.client_as);
  CHECK(merged.server_mac == session.server_mac);
  Session other_way;
  fill_carried(turned, true, other_way);
  CHECK(other_way.server_as == session.client_as);
}
