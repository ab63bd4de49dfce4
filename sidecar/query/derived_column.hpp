// Columns that are made from stored ones when a query asks: the country of an address, the application of a session,
// the prefix of an address. Filters, groups and alerts read a derived column as they read a stored one. A derived
// column is one file, one row in derived_columns.cpp, and its words in schemas/fields.json. Objects are constants; any
// thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flow/derived_sources.hpp"
#include "flow/field_catalog.hpp"
#include "query/key_table.hpp"
#include "query/query.hpp"
#include "query/segment_columns.hpp"

namespace weir {

class DerivedColumn {
 public:
  virtual ~DerivedColumn() = default;

  // What is not known here and what to do, as the end of a sentence; "" when the column can be made.
  virtual std::string missing(const DerivedSources&) const { return {}; }
  // Of the rows of a segment, from the stored column `id` and others. Throws as SegmentColumns does.
  virtual std::shared_ptr<const Column> make(SegmentColumns& columns, ColumnId id) const = 0;
  // It is made of that column alone.
  virtual bool reads_one_column() const { return true; }
  // A value of the column as a key shows it.
  virtual KeyValue value(const RawKey& raw, const DerivedSources&) const { return raw.b; }
  // The value that has this text in a key; nothing when there is none.
  virtual std::optional<RawKey> raw_of(const std::string& text, const DerivedSources& sources) const;
  // What a key's value is called beside it; "" for nothing.
  virtual std::string label(const KeyValue&) const { return {}; }

  // The texts that a filter may name, in the order of their values from first_named() on; null when there are none.
  virtual const std::vector<std::string>* names(const DerivedSources&) const { return nullptr; }
  virtual std::uint64_t first_named() const { return 0; }
  // Names beside them, of values of their own.
  virtual std::vector<std::pair<std::string, std::uint64_t>> other_names(const DerivedSources&) const { return {}; }
  // Where names come from, for a message about one that is not known: "names come from networks.lua".
  virtual std::string_view names_come_from() const { return {}; }
  // Why a text can be no name at all; "" when it can. A name that can be one, and that nothing has, is an error unless
  // is_closed_list(): then it finds nothing.
  virtual std::string mistake_in(std::string_view) const { return {}; }
  virtual bool is_closed_list() const { return false; }
  // A filter looks at the stored value: it may tell more than the derived one does.
  virtual bool is_filtered_as_stored() const { return false; }
};

const DerivedColumn& derived_column(DerivedId id);
// Null when the field's columns are stored.
const DerivedColumn* derived_column_of(FieldId field);

// For a test or a group-by of the field: what is missing, or "".
std::string missing_for(FieldId field, const DerivedSources& sources);

}  // namespace weir
