// Template and options template records as they come on the wire (RFC 3954 5.2 and 6.1, RFC 7011 3.4).
// Plain values; any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "core/byte_cursor.hpp"

namespace weir {

inline constexpr std::uint16_t kVersion9 = 9;            // RFC 3954 5.1
inline constexpr std::uint16_t kVersionIpfix = 10;       // RFC 7011 3.1
inline constexpr std::uint16_t kVariableLength = 65535;  // RFC 7011 7
inline constexpr std::uint16_t kFirstDataSet = 256;      // RFC 3954 5.3, RFC 7011 3.3.2

inline constexpr std::uint16_t kAllTemplates = 2, kAllOptionsTemplates = 3;  // withdrawn at once (RFC 7011 8.1)

struct FieldSpecifier {
  std::uint32_t pen = 0;  // 0: IANA. NetFlow v9 has no enterprise numbers
  std::uint16_t ie = 0;   // in the scope fields of v9 a scope type (RFC 3954 6.1)
  std::uint16_t length = 0;
};

struct TemplateRecord {
  std::uint16_t version = 0;  // kVersion9 or kVersionIpfix
  std::uint16_t id = 0;
  bool options = false;
  std::uint16_t scope_fields = 0;  // how many of `fields` come first as scope
  std::vector<FieldSpecifier> fields;
  std::vector<std::uint8_t> wire;  // the record's own bytes

  // Octets of a record with every variable-length field empty; exact when there is none.
  std::size_t minimum_length() const;
  bool fixed_length() const;
};

enum class TemplateOutcome : std::uint8_t {
  kTemplate,    // read
  kWithdrawal,  // RFC 7011 8.1: a template record without fields
  kPadding,     // an id below 256: the rest of the set is padding, or nothing that can be read
  kMalformed,   // ends before its fields do, or describes records without any octet
  kTooManyFields,
};

// Reads one record of a set and steps over it (kTemplate, kWithdrawal, kTooManyFields).
TemplateOutcome decode_template_record(ByteCursor& set, std::uint16_t version, bool options, std::uint32_t max_fields,
                                       TemplateRecord& record);

}  // namespace weir
