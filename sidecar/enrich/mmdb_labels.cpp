// The file is copied into memory before libmaxminddb maps it: a file that is cut short while it is mapped would end the
// process. Every node and value is looked at once, so that a damaged file is refused whole.
#include "enrich/mmdb_labels.hpp"

#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "enrich/address_entry.hpp"

namespace weir {

namespace {
constexpr std::int64_t kMaxFileBytes = std::int64_t{1} << 29;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

std::string system_text(int code) { return std::generic_category().message(code); }

// Empty when all of `path` is in `memory`, else why not.
std::string copy_file(const std::string& path, int memory) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return "cannot be read: " + system_text(errno);
  struct stat s {};
  if (fstat(file.get(), &s) != 0 || !S_ISREG(s.st_mode)) return "cannot be read: it is not a file";
  if (s.st_size > kMaxFileBytes) return "is larger than " + std::to_string(kMaxFileBytes) + " bytes";
  std::array<char, 1 << 16> block;
  for (std::int64_t total = 0;;) {
    const auto got = read(file.get(), block.data(), block.size());
    if (got < 0) return "cannot be read: " + system_text(errno);
    if (got == 0) return total == 0 ? "is empty" : "";
    if ((total += got) > kMaxFileBytes) return "is larger than " + std::to_string(kMaxFileBytes) + " bytes";
    for (ssize_t done = 0; done < got;) {
      const auto put = write(memory, block.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0) return "cannot be held in memory: " + system_text(errno);
      done += put;
    }
  }
}

// The value does not hold what was asked for: no damage.
bool is_absent(int status) {
  return status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR || status == MMDB_INVALID_LOOKUP_PATH_ERROR;
}

// Nothing when the value has no such text.
Result<std::optional<std::string>> text_at(MMDB_entry_s& entry, const char* const* path) {
  MMDB_entry_data_s value{};
  const int status = MMDB_aget_value(&entry, &value, path);
  if (is_absent(status)) return std::optional<std::string>();
  if (status != MMDB_SUCCESS) return error(MMDB_strerror(status));
  if (!value.has_data) return std::optional<std::string>();
  if (value.type != MMDB_DATA_TYPE_UTF8_STRING) return error("what should be a text is none");
  return std::optional(std::string(value.utf8_string, value.data_size));
}

Result<AddressEntry> country_at(MMDB_entry_s entry) {
  constexpr const char* kOfCountry[] = {"country", "iso_code", nullptr};
  constexpr const char* kPlain[] = {"country_code", nullptr};
  for (const auto* path : {static_cast<const char* const*>(kOfCountry), static_cast<const char* const*>(kPlain)}) {
    auto text = text_at(entry, path);
    if (!text) return text.error();
    if (!*text || (*text)->size() != 2) continue;
    for (auto& c : **text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (is_letter((**text)[0]) && is_letter((**text)[1])) return AddressEntry{.label = **text};
  }
  return AddressEntry{};
}

Result<AddressEntry> as_at(MMDB_entry_s entry) {
  constexpr const char* kNumber[] = {"autonomous_system_number", nullptr};
  constexpr const char* kName[] = {"autonomous_system_organization", nullptr};
  AddressEntry found;
  MMDB_entry_data_s value{};
  const int status = MMDB_aget_value(&entry, &value, kNumber);
  if (status != MMDB_SUCCESS && !is_absent(status)) return error(MMDB_strerror(status));
  if (status == MMDB_SUCCESS && value.has_data) {
    if (value.type != MMDB_DATA_TYPE_UINT32)
      return error("the number of an autonomous system is not a number of 32 bits");
    found.number = value.uint32;
  }
  auto name = text_at(entry, kName);
  if (!name) return name.error();
  found.label = *name && !(*name)->empty() ? **name : found.number != 0 ? "AS" + std::to_string(found.number) : "";
  return found;
}

Result<AddressEntry> entry_at(AddressDatabaseId id, MMDB_entry_s entry) {
  switch (id) {
    case AddressDatabaseId::kCountry: return country_at(entry);
    case AddressDatabaseId::kAsName: return as_at(entry);
  }
  return AddressEntry{};
}

const char* what_is_missing(AddressDatabaseId id) {
  switch (id) {
    case AddressDatabaseId::kCountry: return "it has no countries: neither country.iso_code nor country_code is in it";
    case AddressDatabaseId::kAsName:
      return "it has no autonomous systems: neither autonomous_system_number nor autonomous_system_organization is in "
             "it";
  }
  return "";
}

class MmdbLabels final : public AddressLabels {
 public:
  MmdbLabels() = default;
  MmdbLabels(const MmdbLabels&) = delete;
  MmdbLabels& operator=(const MmdbLabels&) = delete;
  ~MmdbLabels() override {
    if (is_open_) MMDB_close(&mmdb_);
  }

  // Empty when the whole tree and every value can be read, else why not.
  std::string open(const std::string& path, AddressDatabaseId id) {
    if (const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &mmdb_); status != MMDB_SUCCESS)
      return MMDB_strerror(status);
    is_open_ = true;
    LabelList labels;
    for (std::uint32_t n = 0; n < mmdb_.metadata.node_count; ++n) {
      MMDB_search_node_s node{};
      if (const int status = MMDB_read_node(&mmdb_, n, &node); status != MMDB_SUCCESS) return MMDB_strerror(status);
      for (auto [kind, entry] : {std::pair{node.left_record_type, node.left_record_entry},
                                 std::pair{node.right_record_type, node.right_record_entry}}) {
        if (kind == MMDB_RECORD_TYPE_INVALID) return "node " + std::to_string(n) + " of the search tree leads nowhere";
        if (kind != MMDB_RECORD_TYPE_DATA || codes_.count(entry.offset) != 0) continue;
        const auto found = entry_at(id, entry);
        if (!found) return found.error().message;
        codes_.emplace(entry.offset, labels.number_of(*found));
      }
    }
    if (labels.empty()) return what_is_missing(id);
    sorted_ = std::move(labels).sorted();
    for (auto& [offset, code] : codes_) code = sorted_.code_of[code];
    return "";
  }

  std::uint32_t code_of(const IpAddress& address) const override {
    if (address.is_unset()) return 0;
    int status = MMDB_SUCCESS;
    MMDB_lookup_result_s found{};
    if (address.is_v4()) {
      sockaddr_in a{};
      a.sin_family = AF_INET;
      std::memcpy(&a.sin_addr, address.bytes.data() + 12, 4);
      found = MMDB_lookup_sockaddr(&mmdb_, reinterpret_cast<const sockaddr*>(&a), &status);
    } else {
      sockaddr_in6 a{};
      a.sin6_family = AF_INET6;
      std::memcpy(&a.sin6_addr, address.bytes.data(), 16);
      found = MMDB_lookup_sockaddr(&mmdb_, reinterpret_cast<const sockaddr*>(&a), &status);
    }
    if (status != MMDB_SUCCESS || !found.found_entry) return 0;
    const auto code = codes_.find(found.entry.offset);
    return code == codes_.end() ? 0 : code->second;
  }
  const std::vector<std::string>& labels() const override { return sorted_.labels; }
  std::string label_of_number(std::uint64_t number) const override {
    const auto found = sorted_.by_number.find(number);
    return found == sorted_.by_number.end() ? std::string() : sorted_.labels[found->second];
  }
  std::string type() const { return mmdb_.metadata.database_type ? mmdb_.metadata.database_type : ""; }
  std::int64_t built_ms() const {
    const auto seconds = mmdb_.metadata.build_epoch;
    return seconds < 1'000'000'000'000 ? static_cast<std::int64_t>(seconds) * 1000 : 0;
  }

 private:
  MMDB_s mmdb_{};
  bool is_open_ = false;
  std::unordered_map<std::uint32_t, std::uint32_t> codes_;  // by the value's place in the file
  LabelList::Sorted sorted_;
};
}  // namespace

Result<LoadedLabels> load_mmdb_labels(const AddressDatabaseRow& row, const std::string& path) {
  const std::string what(row.what);
  const Descriptor memory(memfd_create("address database", MFD_CLOEXEC));
  if (memory.get() < 0) return error(path + ": cannot be held in memory: " + system_text(errno));
  if (const auto failure = copy_file(path, memory.get()); !failure.empty()) return error(path + ": " + failure);
  auto labels = std::make_shared<MmdbLabels>();
  if (const auto failure = labels->open("/proc/self/fd/" + std::to_string(memory.get()), row.id); !failure.empty()) {
    return error(path + ": is not a " + what + " in MaxMind's format, or is damaged: " + failure);
  }
  return LoadedLabels{.labels = labels, .type = labels->type(), .built_ms = labels->built_ms()};
}

}  // namespace weir
