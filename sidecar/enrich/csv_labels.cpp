// Cells may be in quotes (RFC 4180), where "" stands for one quote.
#include "enrich/csv_labels.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/address_range.hpp"
#include "enrich/address_entry.hpp"
#include "flow/address_intervals.hpp"

namespace weir {

namespace {

constexpr std::uintmax_t kMaxCsvBytes = std::uintmax_t{1} << 29;
constexpr std::size_t kMaxCells = 4, kMaxLineBytes = 4096;
using Cells = std::vector<std::string>;

// Nothing when a quote is not closed.
std::optional<Cells> cells_of(std::string_view line) {
  Cells cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted && cells.size() < kMaxCells) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return quoted ? std::nullopt : std::optional(cells);
}

Result<AddressEntry> country_entry(const Cells& cells) {
  if (cells.size() < 3 || cells[2].size() != 2)
    return error("expected first,last,country with a country of two letters");
  AddressEntry entry{.label = cells[2]};
  for (auto& c : entry.label) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return entry;
}

bool read_number(const std::string& text, std::uint64_t& number) {
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, number);
  return failed == std::errc{} && stop == end && number <= 0xffff'ffffu;
}

Result<AddressEntry> as_entry(const Cells& cells) {
  AddressEntry entry;
  if (cells.size() != 4 || !read_number(cells[2], entry.number))
    return error("expected first,last,number,name of an autonomous system");
  entry.label = cells[3].empty() ? "AS" + cells[2] : cells[3];
  return entry;
}

Result<AddressEntry> entry_of(AddressDatabaseId id, const Cells& cells) {
  switch (id) {
    case AddressDatabaseId::kCountry: return country_entry(cells);
    case AddressDatabaseId::kAsName: return as_entry(cells);
  }
  return AddressEntry{};
}

using Intervals = AddressIntervals<std::uint32_t>;

class CsvLabels final : public AddressLabels {
 public:
  CsvLabels(LabelList::Sorted&& sorted, const std::vector<Intervals::Prefix>& ranges)
      : sorted_(std::move(sorted)),
        codes_(ranges, 0, [this](std::uint32_t, std::uint32_t number) { return sorted_.code_of[number]; }) {}

  std::uint32_t code_of(const IpAddress& address) const override { return address.is_unset() ? 0 : codes_.at(address); }
  const std::vector<std::string>& labels() const override { return sorted_.labels; }
  std::string label_of_number(std::uint64_t number) const override {
    const auto found = sorted_.by_number.find(number);
    return found == sorted_.by_number.end() ? std::string() : sorted_.labels[found->second];
  }

 private:
  const LabelList::Sorted sorted_;
  const Intervals codes_;
};

// IPv4 addresses lie within the numbers of IPv6 ones, and are none of them. "::" has bytes of its own: see IpAddress.
void add_range(IpAddress first, IpAddress last, std::uint32_t label, std::vector<Intervals::Prefix>& ranges) {
  if (first == IpAddress::any_v6()) {
    first = IpAddress{};
    first.bytes[15] = 1;
  }
  for (const auto& part : within_family({.first = first, .last = last}))
    ranges.push_back({.first = part.first, .last = part.last, .value = label});
}

// "" when all of the file was read.
std::string read_file(const AddressDatabaseRow& row, const std::string& path, LabelList& labels,
                      std::vector<Intervals::Prefix>& ranges) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return path + ": cannot be read: it is not a file";
  if (std::filesystem::file_size(path, failure) > kMaxCsvBytes)
    return path + ": is larger than " + std::to_string(kMaxCsvBytes) + " bytes";
  std::ifstream file(path);
  if (!file) return path + ": cannot be read";
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const auto mistake = [&](const std::string& why) { return path + ", line " + std::to_string(number) + ": " + why; };
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    if (line.size() > kMaxLineBytes) return mistake("is longer than " + std::to_string(kMaxLineBytes) + " bytes");
    const auto cells = cells_of(line);
    if (!cells) return mistake("a quote is not closed");
    const auto first = parse_ip_address(cells->front()), last = parse_ip_address(cells->size() > 1 ? (*cells)[1] : "");
    if (!first || !last || first->is_v4() != last->is_v4() || (*last < *first && !(*first == IpAddress::any_v6())))
      return mistake("does not begin with two addresses, first,last");
    const auto entry = entry_of(row.id, *cells);
    if (!entry) return mistake(entry.error().message);
    add_range(*first, *last, labels.number_of(*entry), ranges);
  }
  return "";
}

IpAddress before(IpAddress address) {
  for (std::size_t i = address.bytes.size(); i > 0 && address.bytes[i - 1]-- == 0; --i) {}
  return address;
}

// Afterwards any two are nested or disjoint: one that another overlaps ends where that one begins.
void cut_overlaps(std::vector<Intervals::Prefix>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : b.last < a.last; });
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    while (!open.empty() && ranges[open.back()].last < ranges[i].first) open.pop_back();
    for (; !open.empty() && ranges[open.back()].last < ranges[i].last; open.pop_back())
      ranges[open.back()].last = before(ranges[i].first);
    open.push_back(i);
  }
}

}  // namespace

Result<LoadedLabels> load_csv_labels(const AddressDatabaseRow& row, const std::string& path) {
  std::vector<std::string> files;
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    for (const auto& entry : std::filesystem::directory_iterator(path, failure)) {
      const auto name = entry.path().filename().string();
      if (name.ends_with(".csv") && !name.ends_with("-num.csv")) files.push_back(entry.path().string());
    }
    if (failure) return error(path + ": cannot be read: " + failure.message());
    if (files.empty()) return error(path + ": the folder has no .csv file");
  } else {
    files.push_back(path);
  }
  LabelList labels;
  std::vector<Intervals::Prefix> ranges;
  for (const auto& file : files) {
    if (const auto mistake = read_file(row, file, labels, ranges); !mistake.empty()) return error(mistake);
  }
  if (labels.empty()) return error(path + ": is empty");
  cut_overlaps(ranges);
  return LoadedLabels{.labels = std::make_shared<CsvLabels>(std::move(labels).sorted(), ranges), .type = "CSV"};
}

}  // namespace weir
