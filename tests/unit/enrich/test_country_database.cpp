// Country databases written here: what is found in them, what a damaged one does, and questions to the query engine by country.
#include "enrich/country_database.hpp"

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

struct DatabaseFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("weir-country-" + std::to_string(getpid()) + ".mmdb");
  ~DatabaseFile() { std::filesystem::remove(path); }
  std::string name() const { return path.string(); }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes; }
  std::string failure() const {
    const auto loaded = CountryMap::load(name());
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
    const auto map = *CountryMap::load(file.name());
    CHECK(map->country_of(ip("192.0.2.7")) == "DE");
    CHECK(map->country_of(ip("::ffff:192.0.2.7")) == "DE");
    CHECK(map->country_of(ip("198.51.100.127")) == "FR");
    CHECK(map->country_of(ip("198.51.100.128")) == "");
    CHECK(map->country_of(ip("2001:db8:1::5")) == "JP");
    CHECK(map->country_of(ip("2001:db8:2::5")) == "BR");
    CHECK(map->country_of(ip("2001:db8:3::5")) == "");
    CHECK(map->country_of(IpAddress{}) == "");
    CHECK(map->type() == "Test-Country");
    CHECK(map->built_ms() == 1'700'000'000'000);
  }
}

TEST_CASE("a file of IPv4 alone knows no IPv6 address") {
  DatabaseFile file;
  MmdbWriter writer(4, 24);
  writer.add("192.0.2.0/24", "DE");
  file.write(writer.bytes());
  const auto map = *CountryMap::load(file.name());
  CHECK(map->country_of(ip("192.0.2.255")) == "DE");
  CHECK(map->country_of(ip("192.0.3.0")) == "");
  CHECK(map->country_of(ip("2001:db8::1")) == "");
}

TEST_CASE("an entry without a country of two letters is unknown; a file without any is refused") {
  DatabaseFile file;
  auto writer = two_worlds();
  writer.add("203.0.113.0/24", "-");
  writer.add_value("203.0.114.0/24", MmdbWriter::map({{"continent", MmdbWriter::text("EU")}}));
  file.write(writer.bytes());
  const auto map = *CountryMap::load(file.name());
  CHECK(map->country_of(ip("203.0.113.1")) == "");
  CHECK(map->country_of(ip("203.0.114.1")) == "");

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
  CountryDatabase database(file.name(), clock);
  CHECK(database.status().loaded_ms == 1000);
  CHECK_FALSE(database.poll());

  auto moved = two_worlds();
  moved.add("203.0.113.0/24", "AT");
  file.write(moved.bytes("Newer"));
  clock.set(2000);
  CHECK(database.poll());
  CHECK(database.current()->country_of(ip("203.0.113.1")) == "AT");
  CHECK(database.status().loaded_ms == 2000);
  CHECK(database.status().type == "Newer");

  const auto keeps = [&](const std::string& reason) {
    INFO(reason << " in " << database.status().error);
    CHECK(contains(database.status().error, file.name() + ": "));
    CHECK(contains(database.status().error, reason));
    CHECK(database.current()->country_of(ip("203.0.113.1")) == "AT");
    CHECK(database.lookup()(ip("192.0.2.1")) == "DE");
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
  CHECK(database.current()->country_of(ip("203.0.113.1")) == "");
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
    for (auto n = 1 + random.below(8); n-- > 0 && !bytes.empty();) bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    file.write(bytes);
    const auto loaded = CountryMap::load(file.name());
    if (!loaded) {
      ++refused;
      CHECK(contains(loaded.error().message, file.name() + ": "));
      continue;
    }
    for (const char* address : {"192.0.2.1", "198.51.100.1", "2001:db8:1::1", "8000::"}) {
      const auto country = (*loaded)->country_of(ip(address));
      CHECK((country.empty() || country.size() == 2));
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("a file overwritten in place does not change what is in memory") {
  DatabaseFile file;
  file.write(two_worlds().bytes());
  const auto map = *CountryMap::load(file.name());
  std::filesystem::resize_file(file.path, 1);
  CHECK(map->country_of(ip("192.0.2.1")) == "DE");
}

TEST_CASE("without a file set there is nothing to ask") {
  const ManualClock clock(1000);
  CountryDatabase database("", clock);
  CHECK_FALSE(database.poll());
  CHECK_FALSE(database.reload());
  CHECK(database.status().error == "");
  CHECK_FALSE(database.lookup());
  CHECK_FALSE(database.lasting_lookup());
}

TEST_CASE("queries group by country and filter by it") {
  DatabaseFile file;
  file.write(two_worlds().bytes());
  const ManualClock clock(1000);
  const CountryDatabase database(file.name(), clock);
  MemoryStore store(1);
  store.add_exporter({.id = 1, .address = ip("192.0.2.1"), .name = "edge"});
  const auto session = [](std::uint64_t id, const char* client, const char* server, std::uint64_t up, std::uint64_t down) {
    Session s;
    s.id = id, s.start_ms = 1000, s.end_ms = 2000, s.exporter = 1, s.protocol = 6;
    s.client = ip(client), s.server = ip(server);
    s.halves[kToServer] = {.octets = up, .packets = 1, .flows = 1};
    s.halves[kToClient] = {.octets = down, .packets = 1, .flows = 1};
    return s;
  };
  store.on_sessions({.sessions = {session(1, "192.0.2.5", "2001:db8:1::9", 100, 900), session(2, "203.0.113.9", "198.51.100.1", 10, 20)}});
  const QueryControl control{.country_of = database.lookup()};

  const auto by_country = run_query({.by = {FieldId::kCountry}}, store, control);
  REQUIRE(by_country.has_value());
  std::map<std::string, std::uint64_t> octets;
  for (const auto& row : by_country->rows) octets[std::get<std::string>(row.key[0])] = row.measures.octets;
  CHECK(octets == std::map<std::string, std::uint64_t>{{"DE", 1000}, {"JP", 1000}, {"FR", 30}, {"", 30}});
  CHECK(run_query({.filter = "country de"}, store, control)->totals.octets == 1000);
  CHECK(run_query({.filter = "src country FR"}, store, control)->totals.octets == 20);
  CHECK(run_query({.filter = "not country JP"}, store, control)->totals.octets == 30);
}
