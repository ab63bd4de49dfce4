// Results as CSV (RFC 4180), for /export.csv and `weir query --format csv`. Any thread.
#pragma once
#include <string>

#include "core/time_zone.hpp"
#include "query/query.hpp"

namespace weir {

// A header line, then one line per row: the key's fields, octets, packets, flows, sessions, and for keys that are an
// end octets_in, octets_out, octets_client, octets_server; then, where keys are left out, one of their sum whose first
// field is "other" (what its ends did is not known). With buckets, one line per row and bucket: its begin (RFC 3339, in
// `zone`), the key's fields, octets, packets. UTF-8, lines end in CR LF. Without group-by fields: the totals.
std::string query_result_csv(const Query& query, const QueryResult& result, const TimeZone& zone = {});

// A field as RFC 4180 2.5 to 2.7 wants it: quoted where it has to be.
std::string csv_field(std::string_view text);

}  // namespace weir
