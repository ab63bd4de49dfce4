// The scripts of applications and networks: what they may say, which rule wins, and what a mistake leaves loaded.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "script/traffic_name_scripts.hpp"
#include "support/catch.hpp"

using namespace weir;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("weir-names-" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
};

IpAddress ip(const char* text) { return *parse_ip_address(text); }

struct StillClock final : Clock {
  std::int64_t now_ms() const override { return 1'000; }
  std::int64_t steady_ms() const override { return 1'000; }
};

ApplicationTable applications(const std::string& text) {
  const Folder folder;
  auto rules = load_applications(folder.write("applications.lua", text), {});
  REQUIRE(rules.has_value());
  return ApplicationTable(std::move(*rules));
}

std::string application_failure(const std::string& text) {
  const Folder folder;
  const auto rules = load_applications(folder.write("applications.lua", text), {});
  REQUIRE_FALSE(rules.has_value());
  return rules.error().message;
}

std::string name(const ApplicationTable& table, std::uint8_t protocol, std::uint16_t port,
                 const char* server = "192.0.2.1", const char* client = "192.0.2.2", std::uint32_t as = 0,
                 std::uint32_t exported = 0) {
  const auto code = table.code_of(protocol, port, ip(server), ip(client), as, exported);
  return ApplicationTable::is_named(code) ? table.name_of(code) : std::to_string(code);
}

}  // namespace

TEST_CASE("a port names the application of its own protocol") {
  const auto table = applications(
      R"(application { name = "SSH", ports = { "tcp/22" } } application { name = "Phones", ports = { "udp/5000-5010", 5060 } }
                                     application { name = "Tunnels", ports = "gre" })");
  CHECK(name(table, 6, 22) == "SSH");
  CHECK(name(table, 17, 22) == "0");
  CHECK(name(table, 17, 4999) == "0");
  CHECK(name(table, 17, 5000) == "Phones");
  CHECK(name(table, 17, 5010) == "Phones");
  CHECK(name(table, 17, 5011) == "0");
  CHECK(name(table, 6, 5060) == "Phones");
  CHECK(name(table, 47, 0) == "Tunnels");
}

TEST_CASE("all that a rule gives must hold and the first rule wins") {
  const auto table = applications(R"(
    application { name = "Payroll", ports = { "tcp/443" }, nets = { "10.1.0.0/16", "2001:db8::/32" }, client_nets = { "10.2.0.0/16" } }
    application { name = "Intranet", ports = { "tcp/443" }, nets = { "10.0.0.0/8" } }
    application { name = "Cloud", as = { 64500 } }
    application { name = "Web", ports = { "tcp/443" } })");
  CHECK(name(table, 6, 443, "10.1.2.3", "10.2.0.1") == "Payroll");
  CHECK(name(table, 6, 443, "2001:db8::1", "10.2.0.1") == "Payroll");
  CHECK(name(table, 6, 443, "10.1.2.3", "10.3.0.1") == "Intranet");
  CHECK(name(table, 6, 443, "11.0.0.1", "10.2.0.1") == "Web");
  CHECK(name(table, 6, 443, "11.0.0.1", "10.2.0.1", 64500) == "Cloud");
  CHECK(name(table, 17, 9, "11.0.0.1", "10.2.0.1", 64500) == "Cloud");
  CHECK(name(table, 17, 9, "10.1.2.3", "10.2.0.1") == "0");
}

TEST_CASE("what the exporter classified stays unless a rule of more than ports holds") {
  const auto table = applications(R"(
    application { name = "Citrix", nbar = { "13:453" } }
    application { name = "Farm", nets = { "10.9.0.0/16" } }
    application { name = "Web", ports = { "tcp/443" } })");
  const std::uint32_t citrix = 13u << 24 | 453, other = 13u << 24 | 7;
  CHECK(name(table, 6, 443, "192.0.2.1", "192.0.2.2", 0, citrix) == "Citrix");
  CHECK(name(table, 6, 443, "192.0.2.1", "192.0.2.2", 0, other) == std::to_string(other));
  CHECK(name(table, 6, 443, "10.9.0.1", "192.0.2.2", 0, other) == "Farm");
  CHECK(name(table, 6, 443) == "Web");
}

TEST_CASE("mistakes of application rules are told with file and line") {
  CHECK_THAT(application_failure("\n\napplication { name = \"x\", port = 22 }"),
             ContainsSubstring("applications.lua:3: 'port' is not known here"));
  CHECK_THAT(application_failure("application { name = \"x\", ports = { \"tcp/70000\" } }"),
             ContainsSubstring(":1: \"tcp/70000\" is not a port"));
  CHECK_THAT(application_failure("application { name = \"x\" }"), ContainsSubstring("would be every session"));
  CHECK_THAT(application_failure("application { ports = 22 }"), ContainsSubstring("name is missing"));
  CHECK_THAT(application_failure("application { name = \"a,b\", ports = 22 }"), ContainsSubstring("no comma"));
  CHECK_THAT(application_failure("application { name = \"x\", nbar = \"453\" }"), ContainsSubstring("engine:selector"));
  CHECK_THAT(application_failure("application { name = \"x\", nets = \"10.0.0.0/99\" }"),
             ContainsSubstring("applications.lua:1: "));
  CHECK_THAT(application_failure("while true do end"), ContainsSubstring("applications.lua"));
}

TEST_CASE("the longest prefix names an address, in whatever order they are given") {
  const Folder folder;
  const auto prefixes = load_networks(folder.write("networks.lua", R"(
    network("10.1.2.0/24", "Lab") network("10.0.0.0/8", "Private") network("10.1.0.0/16", "Branch Oslo") network("255.255.255.255", "Broadcast")
    network("2001:db8::/32", "Lab"))"),
                                      {});
  REQUIRE(prefixes.has_value());
  const NetworkTable table(*prefixes);
  CHECK(table.label_of(ip("10.1.2.3")) == "Lab");
  CHECK(table.label_of(ip("10.1.3.3")) == "Branch Oslo");
  CHECK(table.label_of(ip("10.1.1.255")) == "Branch Oslo");
  CHECK(table.label_of(ip("10.2.0.0")) == "Private");
  CHECK(table.label_of(ip("11.0.0.0")).empty());
  CHECK(table.label_of(ip("9.255.255.255")).empty());
  CHECK(table.label_of(ip("255.255.255.255")) == "Broadcast");
  CHECK(table.label_of(ip("2001:db8:1::")) == "Lab");
  CHECK(table.label_of(ip("2001:db9::")).empty());
  CHECK(table.label_of(IpAddress{}).empty());
}

TEST_CASE("the operator's files stand on top and a mistake keeps what they last gave") {
  const Folder folder;
  const StillClock clock;
  const TrafficNameFiles files{.applications = folder.write("a.lua", "application { name = \"Web\", ports = 443 }"),
                               .own_applications = (folder.path / "own_a.lua").string(),
                               .networks = folder.write("n.lua", "network('10.0.0.0/8', 'Private')"),
                               .own_networks = (folder.path / "own_n.lua").string()};
  TrafficNameScripts scripts(files, {}, clock);
  CHECK_FALSE(scripts.poll());
  CHECK(name(scripts.current()->applications, 6, 443) == "Web");
  CHECK(scripts.status().size() == 2);

  folder.write("own_a.lua", "application { name = \"Shop\", ports = 443 }");
  folder.write("own_n.lua", "network('10.0.0.0/8', 'Ours')");
  CHECK(scripts.poll());
  CHECK(name(scripts.current()->applications, 6, 443) == "Shop");
  CHECK(scripts.current()->networks.label_of(ip("10.0.0.1")) == "Ours");

  folder.write("own_a.lua", "\napplication { name = \"Shop\", ports = 'x' } -- wrong");
  CHECK(scripts.poll());
  CHECK_FALSE(scripts.poll());
  CHECK(name(scripts.current()->applications, 6, 443) == "Shop");
  CHECK_THAT(scripts.status().front().error, ContainsSubstring("own_a.lua:2: "));

  std::filesystem::remove(folder.path / "own_a.lua");
  CHECK(scripts.poll());
  CHECK(name(scripts.current()->applications, 6, 443) == "Web");
  CHECK(scripts.status().front().error.empty());
}

TEST_CASE("too many rules of all files together are told until they are fewer, and what was good stays") {
  const Folder folder;
  const StillClock clock;
  const TrafficNameFiles files{
      .applications = folder.write("a.lua", "application { name = 'Web', ports = 443 }"),
      .own_applications =
          folder.write("own_a.lua", "for i = 1, 4000 do application { name = 'Own ' .. i, ports = 80 } end"),
      .networks = folder.write("n.lua", ""),
      .own_networks = ""};
  TrafficNameScripts scripts(files, {}, clock);
  CHECK(scripts.current()->applications.rule_count() == 4001);
  CHECK(scripts.status().front().error.empty());

  folder.write("a.lua", "for i = 1, 200 do application { name = 'Web ' .. i, ports = 443 } end");
  CHECK(scripts.poll());
  CHECK(scripts.current()->applications.rule_count() == 4001);
  CHECK_THAT(scripts.status().front().error, ContainsSubstring("own_a.lua: more than 4096 application rules"));

  folder.write("a.lua", "application { name = 'Mail', ports = 25 }");
  CHECK(scripts.poll());
  CHECK(name(scripts.current()->applications, 6, 25) == "Mail");
  CHECK(scripts.status().front().error.empty());
}

TEST_CASE("the shipped scripts load") {
  const auto rules = load_applications(WEIR_SOURCE_DIR "/lua/applications.lua", {});
  REQUIRE(rules.has_value());
  const ApplicationTable table(*rules);
  CHECK(name(table, 6, 22) == "SSH");
  CHECK(name(table, 17, 53) == "DNS");
  CHECK(name(table, 1, 0) == "ICMP");
  const auto networks = load_networks(WEIR_SOURCE_DIR "/lua/networks.lua", {});
  REQUIRE(networks.has_value());
  CHECK(NetworkTable(*networks).label_of(ip("224.0.0.5")) == "Multicast");
  CHECK(NetworkTable(*networks).label_of(ip("192.168.1.1")).empty());
}
