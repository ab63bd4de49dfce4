// The file is copied into memory before libmaxminddb maps it: a file that is cut short while it is mapped would end the
// process. Every node and value is looked at once, so that a damaged file is refused whole.
#include "enrich/country_database.hpp"

#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "core/file_stamp.hpp"

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
bool is_absent(int status) { return status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR || status == MMDB_INVALID_LOOKUP_PATH_ERROR; }

// Two letters in `text`, or zeros when the value names no country.
Result<std::array<char, 2>> country_at(MMDB_entry_s entry) {
  constexpr const char* kOfCountry[] = {"country", "iso_code", nullptr};
  constexpr const char* kPlain[] = {"country_code", nullptr};
  for (const auto* path : {static_cast<const char* const*>(kOfCountry), static_cast<const char* const*>(kPlain)}) {
    MMDB_entry_data_s value{};
    const int status = MMDB_aget_value(&entry, &value, path);
    if (is_absent(status)) continue;
    if (status != MMDB_SUCCESS) return error(MMDB_strerror(status));
    if (!value.has_data) continue;
    if (value.type != MMDB_DATA_TYPE_UTF8_STRING) return error("a country is not a text");
    if (value.data_size != 2) continue;
    std::array<char, 2> letters{};
    for (std::size_t i = 0; i < 2; ++i) {
      const char c = value.utf8_string[i];
      letters[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    if (letters[0] >= 'A' && letters[0] <= 'Z' && letters[1] >= 'A' && letters[1] <= 'Z') return letters;
  }
  return std::array<char, 2>{};
}
}  // namespace

struct CountryMap::File {
  MMDB_s mmdb{};
  bool is_open = false;
  std::string type;
  std::unordered_map<std::uint32_t, std::array<char, 2>> countries;  // by the value's place in the file

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (is_open) MMDB_close(&mmdb);
  }

  // Empty when the whole tree and every value can be read, else why not.
  std::string look_through() {
    bool any = false;
    for (std::uint32_t n = 0; n < mmdb.metadata.node_count; ++n) {
      MMDB_search_node_s node{};
      if (const int status = MMDB_read_node(&mmdb, n, &node); status != MMDB_SUCCESS) return MMDB_strerror(status);
      for (auto [kind, entry] : {std::pair{node.left_record_type, node.left_record_entry}, std::pair{node.right_record_type, node.right_record_entry}}) {
        if (kind == MMDB_RECORD_TYPE_INVALID) return "node " + std::to_string(n) + " of the search tree leads nowhere";
        if (kind != MMDB_RECORD_TYPE_DATA || countries.count(entry.offset) != 0) continue;
        const auto country = country_at(entry);
        if (!country) return country.error().message;
        countries.emplace(entry.offset, *country);
        any = any || (*country)[0] != 0;
      }
    }
    return any ? "" : "it has no countries: neither country.iso_code nor country_code is in it";
  }
};

CountryMap::CountryMap(std::unique_ptr<File> file) : file_(std::move(file)) {}
CountryMap::~CountryMap() = default;

Result<std::shared_ptr<const CountryMap>> CountryMap::load(const std::string& path) {
  const Descriptor memory(memfd_create("country database", MFD_CLOEXEC));
  if (memory.get() < 0) return error(path + ": cannot be held in memory: " + system_text(errno));
  if (const auto failure = copy_file(path, memory.get()); !failure.empty()) return error(path + ": " + failure);
  const std::string copy = "/proc/self/fd/" + std::to_string(memory.get());
  auto file = std::make_unique<File>();
  const auto damaged = [&](const std::string& why) { return error(path + ": is not a country database in MaxMind's format, or is damaged: " + why); };
  if (const int status = MMDB_open(copy.c_str(), MMDB_MODE_MMAP, &file->mmdb); status != MMDB_SUCCESS) return damaged(MMDB_strerror(status));
  file->is_open = true;
  if (const auto failure = file->look_through(); !failure.empty()) return damaged(failure);
  file->type = file->mmdb.metadata.database_type ? file->mmdb.metadata.database_type : "";
  return std::shared_ptr<const CountryMap>(new CountryMap(std::move(file)));
}

std::string CountryMap::country_of(const IpAddress& address) const {
  if (address.is_unset()) return "";
  int status = MMDB_SUCCESS;
  MMDB_lookup_result_s found{};
  if (address.is_v4()) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    std::memcpy(&a.sin_addr, address.bytes.data() + 12, 4);
    found = MMDB_lookup_sockaddr(&file_->mmdb, reinterpret_cast<const sockaddr*>(&a), &status);
  } else {
    sockaddr_in6 a{};
    a.sin6_family = AF_INET6;
    std::memcpy(&a.sin6_addr, address.bytes.data(), 16);
    found = MMDB_lookup_sockaddr(&file_->mmdb, reinterpret_cast<const sockaddr*>(&a), &status);
  }
  if (status != MMDB_SUCCESS || !found.found_entry) return "";
  const auto country = file_->countries.find(found.entry.offset);
  if (country == file_->countries.end() || country->second[0] == 0) return "";
  return {country->second.data(), 2};
}

const std::string& CountryMap::type() const { return file_->type; }

std::int64_t CountryMap::built_ms() const {
  const auto seconds = file_->mmdb.metadata.build_epoch;
  return seconds < 1'000'000'000'000 ? static_cast<std::int64_t>(seconds) * 1000 : 0;
}

CountryDatabase::CountryDatabase(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {
  state_.with([&](State& s) { s.status.file = path_; });
  reload();
}

bool CountryDatabase::poll() {
  const std::lock_guard lock(loading_);
  return !path_.empty() && file_stamp(path_) != stamp_ && load();
}

bool CountryDatabase::reload() {
  const std::lock_guard lock(loading_);
  return !path_.empty() && load();
}

bool CountryDatabase::load() {
  stamp_ = file_stamp(path_);
  auto loaded = CountryMap::load(path_);
  return state_.with([&](State& s) {
    if (!loaded) {
      const bool news = s.status.error != loaded.error().message;
      s.status.error = loaded.error().message;
      return news;
    }
    s.map = *loaded;
    s.status.loaded_ms = clock_.now_ms();
    s.status.type = s.map->type();
    s.status.built_ms = s.map->built_ms();
    s.status.error.clear();
    return true;
  });
}

std::shared_ptr<const CountryMap> CountryDatabase::current() const {
  return state_.with([](const State& s) { return s.map; });
}

std::function<std::string(const IpAddress&)> CountryDatabase::lookup() const {
  auto map = current();
  if (!map) return {};
  return [map = std::move(map)](const IpAddress& address) { return map->country_of(address); };
}

std::function<std::string(const IpAddress&)> CountryDatabase::lasting_lookup() const {
  if (path_.empty()) return {};
  return [this](const IpAddress& address) {
    const auto map = current();
    return map ? map->country_of(address) : std::string();
  };
}

CountryDatabaseStatus CountryDatabase::status() const {
  return state_.with([](const State& s) { return s.status; });
}

}  // namespace weir
