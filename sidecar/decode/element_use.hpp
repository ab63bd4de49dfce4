// What the targets of elements (schemas/fields.json) are: which are counters, addresses or extras, how long an element
// may be, which protocol an element speaks of. Pure functions; any thread.
#pragma once
#include <cstdint>

#include "decode/template_record.hpp"
#include "flow/element_table.hpp"
#include "flow/flow_record.hpp"

namespace weir {

bool is_address(ElementTarget target);
// What RecordExtras has room for.
bool is_extra(ElementTarget target);
bool is_counter(ElementTarget target);
// Counters of an initiator or a responder.
bool is_of_two_ends(ElementTarget target);

// Of counters in schemas/fields.json: totals, as they came in and as they left. The others are deltas.
inline constexpr std::uint8_t kRankTotal = 2, kRankPostTotal = 4;
inline bool is_total(std::uint8_t rank) { return rank == kRankTotal || rank == kRankPostTotal; }

// What each packet header has once: in a template of two headers (a tunnel and what is in it) each comes twice.
bool is_of_header(ElementTarget target);
// Where the second header of a template begins; its end when it describes one.
std::size_t begin_of_inner_header(const TemplateRecord& record);

inline constexpr std::uint16_t kProtocolIdentifier = 4;  // IANA
// A protocol that elements of a record imply, as bits.
enum ProtocolHint : std::uint8_t { kHintTcp = 1, kHintUdp = 2, kHintIcmp = 4, kHintIgmp = 8, kHintTcpFlags = 16 };
// The protocol that an element speaks of (RFC 5102 5.8, IANA); 0: of none.
std::uint8_t protocol_hint(std::uint16_t ie);
// The protocol of a record that does not say it; 0: nothing tells. `in_template`: hints of all its elements;
// `not_zero`: of those that are not zero, where there are several.
std::uint8_t implied_protocol(std::uint8_t in_template, std::uint8_t not_zero, const FlowRecord& flow);

// An end of zeros in a template of both families: of the family of the other end, and no address if that has none.
void complete_ends(FlowRecord& flow);
// RFC 6759 4: one octet of classification engine, then a selector; of a long one the low three octets are kept.
std::uint32_t application_id(std::span<const std::uint8_t> bytes);

// Lengths that an element can have; others are stepped over (RFC 7011 6.2 allows shorter integers).
bool usable_length(ElementTarget target, std::uint16_t length);

// Whether a flow is stored with it, other than when it was and how it was sampled.
bool is_stored(ElementTarget target);

}  // namespace weir
