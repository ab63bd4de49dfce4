// Per part: a class per distinct value; per row: the classes joined to one number, decided once per number.
#include "query/application_column.hpp"

#include <algorithm>
#include <array>

#include "query/column_block.hpp"
#include "query/key_table.hpp"
#include "query/mapped_column.hpp"

namespace weir {

namespace {

using Part = ApplicationTable::Part;

// The classes of one column's rows.
class RowClasses {
 public:
  template <class ClassOf>
  static RowClasses of_addresses(const Column& column, ClassOf&& class_of) {
    RowClasses made(column);
    if (column.form == Column::Form::kConstant) made.constant_ = class_of(column.address);
    for (const auto& address : column.addresses) made.table_.push_back(class_of(address));
    return made;
  }
  template <class ClassOf>
  static RowClasses of_numbers(const Column& column, ClassOf&& class_of) {
    RowClasses made(column);
    if (column.form == Column::Form::kConstant) {
      made.constant_ = class_of(column.base);
    } else if (column.form == Column::Form::kDictionary) {
      for (const auto value : column.values) made.table_.push_back(class_of(value));
    } else if (column.max - column.base < kMaxTable) {
      for (std::uint64_t raw = 0; raw <= column.max - column.base; ++raw)
        made.table_.push_back(class_of(column.base + raw));
    } else {
      made.by_row_ = true;
      for (std::uint32_t row = 0; row < column.rows; ++row) made.table_.push_back(class_of(column.number_at(row)));
    }
    return made;
  }

  // joined[i] = joined[i] * count + class
  void join(std::uint32_t row, std::uint32_t n, std::uint64_t count, std::uint64_t* joined) const {
    if (column_->form == Column::Form::kConstant) {
      for (std::uint32_t i = 0; i < n; ++i) joined[i] = joined[i] * count + constant_;
    } else if (by_row_) {
      for (std::uint32_t i = 0; i < n; ++i) joined[i] = joined[i] * count + table_[row + i];
    } else {
      with_raw(*column_, [&](const auto* raw) {
        for (std::uint32_t i = 0; i < n; ++i) joined[i] = joined[i] * count + table_[raw[row + i]];
      });
    }
  }

 private:
  static constexpr std::uint64_t kMaxTable = 1 << 16;
  explicit RowClasses(const Column& column) : column_(&column) {}
  const Column* column_;
  std::uint32_t constant_ = 0;
  bool by_row_ = false;
  std::vector<std::uint32_t> table_;  // by raw entry or by row
};

// Numbers that rows are joined to, by table while small, else hashed; each is decided when it first appears.
class Decisions {
 public:
  explicit Decisions(std::uint64_t possible) {
    if (possible <= kMaxDense) dense_.assign(static_cast<std::size_t>(possible), kNone);
  }

  template <class Decide>
  std::uint32_t number_of(std::uint64_t joined, Decide&& decide) {
    if (!dense_.empty()) {
      auto& number = dense_[static_cast<std::size_t>(joined)];
      if (number == kNone) number = number_of_code(decide(joined));
      return number;
    }
    const auto seen = hashed_.find_or_add(raw_key(joined));
    if (seen == numbers_.size()) numbers_.push_back(number_of_code(decide(joined)));
    return numbers_[seen];
  }
  const std::vector<ApplicationCode>& codes() const { return codes_; }

 private:
  static constexpr std::uint64_t kMaxDense = 1 << 20;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t number_of_code(ApplicationCode code) {
    const auto number = code_numbers_.find_or_add(raw_key(code));
    if (number == codes_.size()) codes_.push_back(code);
    return number;
  }
  std::vector<std::uint32_t> dense_, numbers_;
  KeyTable hashed_, code_numbers_;
  std::vector<ApplicationCode> codes_;
};

// Loads only what the rules look at.
Column classify(SegmentColumns& columns, const ApplicationTable& table) {
  const Column& exported = columns[ColumnId::kApplication];
  const Column& protocols = columns[ColumnId::kProtocol];
  const Column& ports = columns[ColumnId::kServerPort];
  std::vector<std::pair<Part, RowClasses>> parts;
  const auto as_number = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  if (table.looks_at(Part::kServer))
    parts.emplace_back(Part::kServer, RowClasses::of_addresses(columns[ColumnId::kServer],
                                                               [&](const auto& a) { return table.server_class(a); }));
  if (table.looks_at(Part::kClient))
    parts.emplace_back(Part::kClient, RowClasses::of_addresses(columns[ColumnId::kClient],
                                                               [&](const auto& a) { return table.client_class(a); }));
  if (table.looks_at(Part::kServerAs))
    parts.emplace_back(Part::kServerAs, RowClasses::of_numbers(columns[ColumnId::kServerAs],
                                                               [&](auto v) { return table.as_class(as_number(v)); }));
  if (table.looks_at(Part::kExported))
    parts.emplace_back(Part::kExported,
                       RowClasses::of_numbers(exported, [&](auto v) { return table.exported_class(as_number(v)); }));

  std::uint64_t possible = table.class_count(Part::kPorts);
  for (const auto& part : parts) possible *= table.class_count(part.first);  // fits, see ApplicationTable::problem()
  Decisions decisions(possible);
  const auto decide = [&](std::uint64_t joined) {
    ApplicationTable::Classes classes{};
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      classes[part->first] = static_cast<std::uint32_t>(joined % table.class_count(part->first));
      joined /= table.class_count(part->first);
    }
    classes[Part::kPorts] = static_cast<std::uint32_t>(joined);
    return table.decide(classes);
  };

  std::vector<std::uint32_t> numbers(columns.rows());
  std::array<std::uint64_t, kBlockRows> protocol, port, said, joined;
  KeyTable code_numbers;
  std::vector<ApplicationCode> codes;
  const bool nothing_said = exported.min == 0 && exported.max == 0;
  for (std::uint32_t row = 0; row < columns.rows(); row += kBlockRows) {
    const auto n = std::min(kBlockRows, columns.rows() - row);
    read_numbers(protocols, row, n, protocol.data());
    read_numbers(ports, row, n, port.data());
    for (std::uint32_t i = 0; i < n; ++i)
      joined[i] = table.port_class(static_cast<std::uint8_t>(protocol[i]), static_cast<std::uint16_t>(port[i]));
    for (const auto& part : parts) part.second.join(row, n, table.class_count(part.first), joined.data());
    for (std::uint32_t i = 0; i < n; ++i) numbers[row + i] = decisions.number_of(joined[i], decide);
    if (nothing_said) continue;
    read_numbers(exported, row, n, said.data());
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto named = decisions.codes()[numbers[row + i]];
      const auto code = named != 0 ? named : said[i];
      numbers[row + i] = code_numbers.find_or_add(raw_key(code));
      if (numbers[row + i] == codes.size()) codes.push_back(code);
    }
  }
  return column_of_numbers(nothing_said ? decisions.codes() : codes, numbers);
}

class ApplicationColumn final : public DerivedColumn {
 public:
  bool reads_one_column() const override { return false; }
  std::shared_ptr<const Column> make(SegmentColumns& columns, ColumnId id) const override {
    const auto& names = columns.sources().names;
    return names == nullptr || names->applications.empty()
               ? columns.held(id)
               : std::make_shared<const Column>(classify(columns, names->applications));
  }
  KeyValue value(const RawKey& raw, const DerivedSources& sources) const override {
    const auto* name = sources.names != nullptr ? sources.names->application_name(raw.b) : nullptr;
    if (name != nullptr) return *name;
    return raw.b;
  }
  const std::vector<std::string>* names(const DerivedSources& sources) const override {
    static const std::vector<std::string> kNone;
    return sources.names != nullptr ? &sources.names->applications.names() : &kNone;
  }
  std::uint64_t first_named() const override { return ApplicationTable::kNamed; }
  std::vector<std::pair<std::string, std::uint64_t>> other_names(const DerivedSources& sources) const override {
    std::vector<std::pair<std::string, std::uint64_t>> told;
    if (sources.names == nullptr) return told;
    for (const auto& [id, name] : sources.names->told.names()) told.emplace_back(name, id);
    return told;
  }
  std::optional<RawKey> raw_of(const std::string& text, const DerivedSources& sources) const override {
    if (const auto named = DerivedColumn::raw_of(text, sources)) return named;
    for (const auto& [name, id] : other_names(sources)) {
      if (name == text) return raw_key(id);
    }
    return std::nullopt;
  }
  std::string_view names_come_from() const override { return "applications.lua, and from exporters that tell them"; }
};

}  // namespace

const DerivedColumn& application_column() {
  static const ApplicationColumn kColumn;
  return kColumn;
}

}  // namespace weir
