// Files of countries and autonomous systems, written here: what is found in them, what a damaged one does, and
// questions to the query engine by country and by name.
#include "enrich/address_database.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "query/query.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"
#include "support/mmdb_writer.hpp"

using namespace weir;
using weir::testing::CountryLayout;
using weir::testing::MmdbWriter;

namespace {

constexpr const AddressDatabaseRow& kCountries = kAddressDatabases[0];
constexpr const AddressDatabaseRow& kSystems = kAddressDatabases[1];

struct DatabaseFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("weir-country-" + std::to_string(getpid()) + ".mmdb");
  ~DatabaseFile() { std::filesystem::remove(path); }
  std::string name() const { return path.string(); }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes; }
  std::string failure() const {
    const auto loaded = load_address_labels(kCountries, name());
    return loaded ? "" : loaded.error().message;
  }
};

IpAddress ip(const char* text) { return *parse_ip_address(text); }
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

MmdbWriter two_worlds(unsigned record_bits = 28) {
  MmdbWriter writer(6, record_bits);
  writer.add("192.0.2.0/24", "DE");
  writer.add("198.51.100.0/25", "fr", CountryLayout::kPlain);
  writer.add("2001:db8:1::/48", "JP");
  writer.add("2001:db8:2::/48", "BR", CountryLayout::kPlain);
  return writer;
}

}  // namespace

TEST_CASE("an address of either family has the country that the file gives it, in every size of record") {
  for (const unsigned bits : {24u, 28u, 32u}) {
    INFO(bits);
    DatabaseFile file;
    file.write(two_worlds(bits).bytes());
    REQUIRE(file.failure() == "");
    const auto map = load_address_labels(kCountries, file.name())->labels;
    CHECK(map->label_of(ip("192.0.2.7")) == "DE");
    CHECK(map->label_of(ip("::ffff:192.0.2.7")) == "DE");
    CHECK(map->label_of(ip("198.51.100.127")) == "FR");
    CHECK(map->label_of(ip("198.51.100.128")) == "");
    CHECK(map->label_of(ip("2001:db8:1::5")) == "JP");
    CHECK(map->label_of(ip("2001:db8:2::5")) == "BR");
    CHECK(map->label_of(ip("2001:db8:3::5")) == "");
    CHECK(map->label_of(IpAddress{}) == "");
    CHECK(load_address_labels(kCountries, file.name())->type == "Test-Country");
    CHECK(load_address_labels(kCountries, file.name())->built_ms == 1'700'000'000'000);
  }
}

TEST_CASE("a file of IPv4 alone knows no IPv6 address") {
  DatabaseFile file;
  MmdbWriter writer(4, 24);
  writer.add("192.0.2.0/24", "DE");
  file.write(writer.bytes());
  const auto map = load_address_labels(kCountries, file.name())->labels;
  CHECK(map->label_of(ip("192.0.2.255")) == "DE");
  CHECK(map->label_of(ip("192.0.3.0")) == "");
  CHECK(map->label_of(ip("2001:db8::1")) == "");
}

TEST_CASE("an entry without a country of two letters is unknown; a file without any is refused") {
  DatabaseFile file;
  auto writer = two_worlds();
  writer.add("203.0.113.0/24", "-");
  writer.add_value("203.0.114.0/24", MmdbWriter::map({{"continent", MmdbWriter::text("EU")}}));
  file.write(writer.bytes());
  const auto map = load_address_labels(kCountries, file.name())->labels;
  CHECK(map->label_of(ip("203.0.113.1")) == "");
  CHECK(map->label_of(ip("203.0.114.1")) == "");

  MmdbWriter numbers;
  numbers.add_value("192.0.2.0/24", MmdbWriter::map({{"autonomous_system_number", MmdbWriter::number(6, 64500)}}));
  file.write(numbers.bytes("Test-ASN"));
  CHECK(contains(file.failure(), "no countries: neither country.iso_code nor country_code"));
}

TEST_CASE("a changed file is loaded again; a damaged or missing one keeps the last good and says which file and why") {
  DatabaseFile file;
  ManualClock clock(1000);
  const std::string good = two_worlds().bytes();
  file.write(good);
  AddressDatabase database(kCountries, file.name(), clock);
  CHECK(database.status().loaded_ms == 1000);
  CHECK_FALSE(database.poll());

  auto moved = two_worlds();
  moved.add("203.0.113.0/24", "AT");
  file.write(moved.bytes("Newer"));
  clock.set(2000);
  CHECK(database.poll());
  CHECK(database.current()->label_of(ip("203.0.113.1")) == "AT");
  CHECK(database.status().loaded_ms == 2000);
  CHECK(database.status().type == "Newer");

  const auto keeps = [&](const std::string& reason) {
    INFO(reason << " in " << database.status().error);
    CHECK(contains(database.status().error, file.name() + ": "));
    CHECK(contains(database.status().error, reason));
    CHECK(database.current()->label_of(ip("203.0.113.1")) == "AT");
    CHECK(database.current()->label_of(ip("192.0.2.1")) == "DE");
    CHECK(database.status().loaded_ms == 2000);
  };
  file.write(good.substr(0, good.size() / 2));
  CHECK(database.poll());
  keeps("is damaged");
  CHECK_FALSE(database.poll());
  file.write("");
  CHECK(database.poll());
  keeps("is empty");
  std::filesystem::remove(file.path);
  CHECK(database.poll());
  keeps("cannot be read: No such file");

  file.write(good);
  CHECK(database.poll());
  CHECK(database.status().error == "");
  CHECK(database.current()->label_of(ip("203.0.113.1")) == "");
}

TEST_CASE("a tree that points outside of the file, or a value that breaks off, refuses the file whole") {
  DatabaseFile file;
  std::string bytes = two_worlds(24).bytes();
  bytes.replace(0, 3, "\xff\xff\xff");
  file.write(bytes);
  CHECK(contains(file.failure(), "damaged: "));

  MmdbWriter cut;
  cut.add_value("192.0.2.0/24", std::string(1, static_cast<char>(7 << 5 | 3)));
  file.write(cut.bytes());
  CHECK(contains(file.failure(), "damaged: "));
}

TEST_CASE("random damage is refused or answered, and never ends the program") {
  DatabaseFile file;
  const std::string good = two_worlds().bytes();
  weir::testing::Random random(7);
  std::size_t refused = 0;
  for (int round = 0; round < 400; ++round) {
    std::string bytes = good;
    if (round % 4 == 0) bytes.resize(random.below(bytes.size()));
    for (auto n = 1 + random.below(8); n-- > 0 && !bytes.empty();)
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    file.write(bytes);
    const auto loaded = load_address_labels(kCountries, file.name());
    if (!loaded) {
      ++refused;
      CHECK(contains(loaded.error().message, file.name() + ": "));
      continue;
    }
    for (const char* address : {"192.0.2.1", "198.51.100.1", "2001:db8:1::1", "8000::"}) {
      const auto country = loaded->labels->label_of(ip(address));
      CHECK((country.empty() || country.size() == 2));
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("a file overwritten in place does not change what is in memory") {
  DatabaseFile file;
  file.write(two_worlds().bytes());
  const auto map = load_address_labels(kCountries, file.name())->labels;
  std::filesystem::resize_file(file.path, 1);
  CHECK(map->label_of(ip("192.0.2.1")) == "DE");
}

TEST_CASE("without a file set there is nothing to ask") {
  const ManualClock clock(1000);
  AddressDatabase database(kCountries, "", clock);
  CHECK_FALSE(database.poll());
  CHECK_FALSE(database.reload());
  CHECK(database.status().error == "");
  CHECK(database.current() == nullptr);
}

TEST_CASE("queries group by country and filter by it") {
  DatabaseFile file;
  file.write(two_worlds().bytes());
  const ManualClock clock(1000);
  const AddressDatabase database(kCountries, file.name(), clock);
  MemoryStore store(1);
  store.add_exporter({.id = 1, .address = ip("192.0.2.1"), .name = "edge"});
  const auto session = [](std::uint64_t id, const char* client, const char* server, std::uint64_t up,
                          std::uint64_t down) {
    Session s;
    s.id = id, s.start_ms = 1000, s.end_ms = 2000, s.exporter = 1, s.protocol = 6;
    s.client = ip(client), s.server = ip(server);
    s.halves[kToServer] = {.octets = up, .packets = 1, .flows = 1};
    s.halves[kToClient] = {.octets = down, .packets = 1, .flows = 1};
    return s;
  };
  store.on_sessions({.sessions = {session(1, "192.0.2.5", "2001:db8:1::9", 100, 900),
                                  session(2, "203.0.113.9", "198.51.100.1", 10, 20)}});
  QueryControl control;
  control.derived.databases[static_cast<std::size_t>(AddressDatabaseId::kCountry)] = database.current();

  const auto by_country = run_query({.by = {FieldId::kCountry}}, store, control);
  REQUIRE(by_country.has_value());
  std::map<std::string, std::uint64_t> octets;
  for (const auto& row : by_country->rows) octets[std::get<std::string>(row.key[0])] = row.measures.octets;
  CHECK(octets == std::map<std::string, std::uint64_t>{{"DE", 1000}, {"JP", 1000}, {"FR", 30}, {"", 30}});
  CHECK(run_query({.filter = "country de"}, store, control)->totals.octets == 1000);
  CHECK(run_query({.filter = "src country FR"}, store, control)->totals.octets == 20);
  CHECK(run_query({.filter = "not country JP"}, store, control)->totals.octets == 30);
}

TEST_CASE("an autonomous system has a name, by address and by number; without one it is called by its number") {
  DatabaseFile file;
  MmdbWriter writer;
  const auto system = [](std::uint32_t number, const std::string& name) {
    std::map<std::string, std::string> members{{"autonomous_system_number", MmdbWriter::number(6, number)}};
    if (!name.empty()) members["autonomous_system_organization"] = MmdbWriter::text(name);
    return MmdbWriter::map({members.begin(), members.end()});
  };
  writer.add_value("192.0.2.0/24", system(64500, "Example Networks"));
  writer.add_value("198.51.100.0/24", system(64501, ""));
  file.write(writer.bytes("Test-ASN"));
  const auto loaded = load_address_labels(kSystems, file.name());
  REQUIRE(loaded.has_value());
  CHECK(loaded->labels->label_of(ip("192.0.2.9")) == "Example Networks");
  CHECK(loaded->labels->label_of(ip("198.51.100.9")) == "AS64501");
  CHECK(loaded->labels->label_of(ip("203.0.113.9")) == "");
  CHECK(loaded->labels->label_of_number(64500) == "Example Networks");
  CHECK(loaded->labels->label_of_number(1) == "");
  CHECK(loaded->labels->labels() == std::vector<std::string>{"", "AS64501", "Example Networks"});
  file.write(two_worlds().bytes());
  CHECK(contains(load_address_labels(kSystems, file.name()).error().message, "no autonomous systems"));
}

TEST_CASE("ranges in CSV files label addresses; a folder is all of its files") {
  const auto folder = std::filesystem::temp_directory_path() / ("weir-systems-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder / name, std::ios::trunc) << text;
  };
  const auto failure = [&] {
    const auto loaded = load_address_labels(kSystems, folder.string());
    return loaded ? std::string() : loaded.error().message;
  };
  CHECK(contains(failure(), "the folder has no .csv file"));
  write("v4.csv",
        "192.0.2.0,192.0.2.127,64500,\"Example, Inc.\"\n198.51.100.0,198.51.100.255,64501,Other \"\"Net\"\"\r\n");
  write("v6.csv", "2001:db8::,2001:db8::ffff,64500,\"Example, Inc.\"\n");
  write("v4-num.csv", "3221225984,3221226111,64500,Example\n");
  const auto loaded = load_address_labels(kSystems, folder.string());
  REQUIRE(loaded.has_value());
  CHECK(loaded->labels->label_of(ip("192.0.2.127")) == "Example, Inc.");
  CHECK(loaded->labels->label_of(ip("192.0.2.128")) == "");
  CHECK(loaded->labels->label_of(ip("2001:db8::7")) == "Example, Inc.");
  CHECK(loaded->labels->label_of_number(64501) != "");

  for (const auto& [text, reason] : std::vector<std::pair<std::string, std::string>>{
           {"192.0.2.0,192.0.2.127\n", "line 1: expected first,last,number,name"},
           {"192.0.2.9,192.0.2.1,1,x\n", "line 1: does not begin with two addresses"},
           {"\n# remark\n192.0.2.0,2001:db8::,1,x\n", "line 3: does not begin with two addresses"},
           {"192.0.2.0,192.0.2.9,one,x\n", "expected first,last,number,name"},
           {"192.0.2.0,192.0.2.9,1,\"x\n", "a quote is not closed"}}) {
    write("v4.csv", text);
    INFO(text);
    CHECK(contains(failure(), reason));
  }
  write("v4.csv", "192.0.2.0,192.0.2.99,1,Around\n192.0.2.10,192.0.2.19,2,Inner\n192.0.2.50,192.0.2.199,3,Later\n");
  const auto overlapping = load_address_labels(kSystems, folder.string());
  REQUIRE(overlapping.has_value());
  for (const auto& [address, label] : {std::pair{"192.0.2.9", "Around"},
                                       {"192.0.2.19", "Inner"},
                                       {"192.0.2.20", "Around"},
                                       {"192.0.2.49", "Around"},
                                       {"192.0.2.50", "Later"},
                                       {"192.0.2.199", "Later"},
                                       {"192.0.2.200", ""}}) {
    INFO(address);
    CHECK(overlapping->labels->label_of(ip(address)) == label);
  }
  std::filesystem::remove_all(folder);
}
