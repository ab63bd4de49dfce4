// What is told: one text for each thing, and names of applications that tell them apart.
#include "flow/told_names.hpp"
#include "flow/told_applications.hpp"
#include "support/catch.hpp"

using namespace weir;

TEST_CASE("told names: the newest of each holds, and what they take is known") {
  ToldNames names;
  CHECK(names.bytes() == 0);
  names.set(ToldKind::kInterfaceName, 3, "GigabitEthernet0/3");
  names.set(ToldKind::kInterfaceName, 3, "Gi0/3");
  names.set(ToldKind::kInterfaceName, 1, "Gi0/1");
  names.set(ToldKind::kVrf, 3, "blue");
  CHECK(names.size() == 3);
  CHECK(names.bytes() == 3 * ToldNames::kEntryBytes + 14);
  CHECK(names.has(ToldKind::kInterfaceName, 3, "Gi0/3"));
  CHECK_FALSE(names.has(ToldKind::kInterfaceName, 3, "blue"));
  CHECK(names.find(ToldKind::kSampler, 3) == nullptr);
  std::vector<std::pair<std::uint64_t, std::string>> interfaces;
  names.each(ToldKind::kInterfaceName,
             [&](std::uint64_t id, const std::string& text) { interfaces.emplace_back(id, text); });
  CHECK(interfaces == std::vector<std::pair<std::uint64_t, std::string>>{{1, "Gi0/1"}, {3, "Gi0/3"}});
  names.clear();
  CHECK(names.bytes() == 0);
}

TEST_CASE("told numbers: digits and nothing else") {
  CHECK(told_number("10000000000") == 10'000'000'000);
  CHECK_FALSE(told_number("10G"));
  CHECK_FALSE(told_number(""));
  CHECK_FALSE(told_number("-1"));
}

TEST_CASE("told applications: names that exporters agree on, each for one application") {
  constexpr std::uint32_t kTeams = 13u << 24 | 453, kHttp = 3u << 24 | 80, kHttpOfNbar = 13u << 24 | 80,
                          kSsh = 3u << 24 | 22;
  const ToldApplications told({{kTeams, "ms-teams"},
                               {kTeams, "ms-teams"},
                               {kHttp, "http"},
                               {kHttpOfNbar, "HTTP"},
                               {kSsh, "ssh"},
                               {1, "one"},
                               {1, "another"}},
                              {"SSH"});
  CHECK(*told.name_of(kTeams) == "ms-teams");
  CHECK(*told.name_of(kHttp) == "http (3:80)");
  CHECK(*told.name_of(kHttpOfNbar) == "HTTP (13:80)");
  CHECK(*told.name_of(kSsh) == "ssh (3:22)");  // a rule has the name
  CHECK(told.name_of(1) == nullptr);
  CHECK(told.name_of(2) == nullptr);
  CHECK(application_number_text(kTeams) == "13:453");
}
