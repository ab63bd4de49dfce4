// The exporter table against a plain model: whatever senders, operators and restarts do, in whatever order.
#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "flow/exporter_table.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 60 * kMinuteMs, kDayMs = 24 * kHourMs;
constexpr std::int64_t kStartMs = 1'714'564'800'000;

IpAddress address(std::uint32_t i) { return IpAddress::from_v4(0x0a000000u + i); }

void hear(Exporter& e, std::int64_t now_ms, bool record) {
  if (e.first_seen_ms == 0) e.first_seen_ms = now_ms;
  e.last_seen_ms = now_ms;
  if (record) e.last_record_ms = now_ms;
}

// What the catalog keeps of an exporter.
struct Kept {
  std::uint32_t id = 0;
  std::string name;
  std::uint32_t sampling = 0;
  std::int64_t first_ms = 0, last_ms = 0;
};

// The table said in the plainest way.
struct Model {
  struct Entry {
    std::uint32_t id = 0;
    bool placed = false;
    std::string name;
    std::uint32_t sampling = 0;
    std::int64_t first_ms = 0, last_ms = 0, record_ms = 0;
    void hear(std::int64_t now_ms) {
      if (first_ms == 0) first_ms = now_ms;
      last_ms = now_ms;
    }
  };
  std::map<IpAddress, Entry> entries;
  std::int64_t oldest_stored_ms = INT64_MAX;

  bool has_value(const Entry& e, std::int64_t now_ms) const {
    if (!e.name.empty() || e.sampling != 0) return true;
    const bool settled = e.last_ms - e.first_ms >= kDayMs;
    if (e.record_ms > now_ms - (settled ? kHourMs : 5 * kMinuteMs)) return true;
    return settled && e.last_ms >= oldest_stored_ms && e.last_ms > now_ms - 7 * kDayMs;
  }
  std::size_t placed() const {
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.second.placed; }));
  }
};

}  // namespace

TEST_CASE("A random life of the table is that of a plain model") {
  const auto seed = GENERATE(range(0u, 40u));
  std::mt19937 random(seed);
  const auto upto = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  constexpr std::uint32_t kPlaces = 6;
  auto table = std::make_unique<ExporterTable>(kPlaces);
  Model model;
  std::int64_t now_ms = kStartMs;
  std::map<std::uint32_t, IpAddress> ids;  // once given, an id is its address's for ever

  for (int step = 0; step < 600; ++step) {
    INFO("seed " << seed << ", step " << step);
    const auto who = address(upto(14));
    now_ms += upto(4) == 0 ? upto(3) * kDayMs + 2000 : 2000 + upto(kHourMs);
    switch (upto(9)) {
      case 0:
      case 1:
      case 2: {  // a sender that has earned it
        auto& e = model.entries[who];
        const bool was_placed = e.placed;
        bool expected = was_placed || model.placed() < kPlaces;
        if (!expected) {
          // The oldest of those without value makes room.
          std::vector<std::int64_t> silent;
          for (const auto& [a, other] : model.entries) {
            if (other.placed && !model.has_value(other, now_ms)) silent.push_back(other.last_ms);
          }
          expected = !silent.empty();
          const auto before = table->all();
          auto* got = table->admit(who, now_ms);
          REQUIRE((got != nullptr) == expected);
          if (expected) {
            const auto longest = *std::min_element(silent.begin(), silent.end());
            const auto* gone =
                *std::find_if(before.begin(), before.end(), [](const Exporter* x) { return !x->has_place(); });
            auto& loser = model.entries[gone->address];
            CHECK_FALSE(model.has_value(loser, now_ms));
            CHECK(loser.last_ms == longest);
            loser.placed = false;
          } else {
            if (e.id == 0) model.entries.erase(who);
            break;
          }
        }
        auto* got = table->admit(who, now_ms);
        REQUIRE(got != nullptr);
        if (e.id != 0) CHECK(got->id == e.id);
        e.id = got->id;
        e.placed = true;
        hear(*got, now_ms, true);
        e.hear(now_ms);
        e.record_ms = now_ms;
        break;
      }
      case 3: {  // one that has a place sends
        auto* got = table->find(who);
        if (got == nullptr || !got->has_place()) break;
        const bool record = upto(2) == 0;
        hear(*got, now_ms, record);
        model.entries[who].hear(now_ms);
        if (record) model.entries[who].record_ms = now_ms;
        break;
      }
      case 4: {  // the operator names it, or sets its rate
        auto* got = table->find(who);
        if (got == nullptr || upto(3) != 0) break;
        const std::string name = upto(2) == 0 ? "router" : "";
        got->name.with([&](std::string& n) { n = name; });
        model.entries[who].name = name;
        got->configured_sampling = model.entries[who].sampling = upto(2) * 100;
        break;
      }
      case 5: {  // the operator forgets it
        const bool placed = model.entries.contains(who) && model.entries[who].placed;
        CHECK(table->forget(who) == placed);
        if (placed) {
          auto& e = model.entries[who];
          e.placed = false;
          e.first_ms = e.last_ms = e.record_ms = 0;
        }
        break;
      }
      case 6: {  // what is old is deleted
        model.oldest_stored_ms = upto(5) == 0 ? INT64_MAX : now_ms - upto(10) * kDayMs;
        table->set_oldest_stored(model.oldest_stored_ms);
        break;
      }
      case 7: {  // by age
        table->forget_silent(now_ms);
        for (auto& [a, e] : model.entries) {
          if (e.placed && !model.has_value(e, now_ms) && e.last_ms < model.oldest_stored_ms &&
              e.last_ms <= now_ms - 7 * kDayMs)
            e.placed = false;
        }
        break;
      }
      case 8: {  // a restart
        std::vector<std::pair<IpAddress, Kept>> catalog;
        for (const auto* e : table->known()) {
          catalog.emplace_back(e->address, Kept{.id = e->id,
                                                .name = e->name.with([](const std::string& n) { return n; }),
                                                .sampling = e->configured_sampling,
                                                .first_ms = e->first_seen_ms,
                                                .last_ms = e->last_seen_ms});
        }
        table = std::make_unique<ExporterTable>(kPlaces);
        for (const auto& [a, kept] : catalog) {
          auto* e = table->restore(kept.id, a);
          e->name.with([&, &name = kept.name](std::string& n) { n = name; });
          e->configured_sampling = kept.sampling;
          e->first_seen_ms = kept.first_ms;
          e->last_seen_ms = kept.last_ms;
        }
        table->set_oldest_stored(model.oldest_stored_ms);
        const auto unwanted = address(13);
        table->place_restored([&](const IpAddress& a) { return a == unwanted; });
        std::vector<std::pair<std::pair<bool, std::int64_t>, IpAddress>> claims;
        for (auto& [a, e] : model.entries) {
          e.placed = false;
          e.record_ms = 0;
          if (e.last_ms != 0 && a != unwanted) claims.push_back({{!e.name.empty() || e.sampling != 0, e.last_ms}, a});
        }
        std::sort(claims.begin(), claims.end(), [](const auto& x, const auto& y) { return x.first > y.first; });
        for (std::size_t i = 0; i < claims.size() && i < kPlaces; ++i) model.entries[claims[i].second].placed = true;
        break;
      }
    }
    // Everything holds after every step.
    std::set<IpAddress> placed, expected;
    for (const auto* e : table->all()) placed.insert(e->address);
    for (const auto& [a, e] : model.entries) {
      if (e.placed) expected.insert(a);
    }
    REQUIRE(placed == expected);
    CHECK(placed.size() <= kPlaces);
    CHECK(table->places_taken() == placed.size());
    for (const auto* e : table->known()) {
      const auto [at, fresh] = ids.emplace(e->id, e->address);
      CHECK(at->second == e->address);
      CHECK(table->find(e->id) == e);
      CHECK(table->find(e->address) == e);
    }
    CHECK(table->known().size() >= ids.size());
  }
}

TEST_CASE("Exporters of value keep their places against any number of newcomers") {
  ExporterTable table(3);
  table.set_oldest_stored(kStartMs - 3 * kDayMs);
  auto* named = table.admit(address(1), kStartMs);
  auto* sending = table.admit(address(2), kStartMs);
  auto* stored = table.admit(address(3), kStartMs);
  hear(*stored, kStartMs - kDayMs, true);
  named->name.with([](std::string& name) { name = "core"; });
  hear(*named, kStartMs, false);
  hear(*stored, kStartMs, true);
  for (std::int64_t hour = 0; hour < 6 * 24; ++hour) {
    const auto now_ms = kStartMs + hour * kHourMs;
    hear(*sending, now_ms, true);
    for (std::uint32_t i = 100; i < 200; ++i) CHECK(table.admit(address(i), now_ms + i) == nullptr);
  }
  CHECK(table.refused() == 6 * 24 * 100);
  // Silent for more than a week: its stored sessions do not keep the place any more, and its id goes on meaning it.
  auto* newcomer = table.admit(address(100), kStartMs + 8 * kDayMs);
  REQUIRE(newcomer != nullptr);
  CHECK_FALSE(stored->has_place());
  CHECK(named->has_place());
  CHECK(table.find(stored->id) == stored);
}

TEST_CASE("Forged senders give their places back minutes after they fell silent, and settled exporters keep theirs") {
  constexpr std::uint32_t kPlaces = 100;
  ExporterTable table(kPlaces);
  table.set_oldest_stored(kStartMs - 3 * kDayMs);
  auto* settled = table.admit(address(1), kStartMs - 2 * kDayMs);
  hear(*settled, kStartMs - 2 * kDayMs, true);
  hear(*settled, kStartMs - 2 * kHourMs, true);
  // They send on and on, with records that are stored.
  for (std::int64_t minute = 0; minute < 60; ++minute) {
    for (std::uint32_t i = 0; i < 2 * kPlaces; ++i) {
      if (auto* forged = table.admit(address(1000 + i), kStartMs + minute * kMinuteMs))
        hear(*forged, kStartMs + minute * kMinuteMs, true);
    }
  }
  const auto end_ms = kStartMs + 59 * kMinuteMs;
  CHECK(table.places_taken() == kPlaces);
  CHECK(settled->has_place());
  CHECK(table.admit(address(2), end_ms + 4 * kMinuteMs) == nullptr);
  for (std::uint32_t i = 2; i < kPlaces + 1; ++i) {
    auto* good = table.admit(address(i), end_ms + 6 * kMinuteMs);
    REQUIRE(good != nullptr);
    hear(*good, end_ms + 6 * kMinuteMs, true);
  }
  CHECK(settled->has_place());
}

namespace {

// A table of `places` that forged senders have filled: each sends `per_s` records a second, and has for `seconds`.
struct FilledTable {
  FilledTable(std::uint32_t places, double per_s, std::int64_t seconds) : table(places) {
    for (std::uint32_t i = 0; i < places; ++i) hear(*table.admit(address(i), now_ms, per_s), now_ms, true);
    pass(seconds, per_s);
  }
  // All that have a place go on, at this rate.
  void pass(std::int64_t seconds, double per_s) {
    for (std::int64_t s = 0; s < seconds; ++s) {
      now_ms += 1000;
      for (auto* e : table.all()) {
        e->records += static_cast<std::uint64_t>(per_s);
        hear(*e, now_ms, true);
      }
    }
  }
  ExporterTable table;
  std::int64_t now_ms = kStartMs;
};

}  // namespace

TEST_CASE("A newcomer takes the place of a newer exporter that sends less than half as much, and of no older one") {
  constexpr std::uint32_t kPlaces = 10;
  const auto seconds = GENERATE(0, 10, 60, 3600);
  FilledTable filled(kPlaces, 2, seconds);
  for (std::uint32_t i = 0; i < kPlaces; ++i) {
    filled.pass(2, 2);
    const bool got = filled.table.admit(address(100 + i), filled.now_ms, 40) != nullptr;
    CHECK(got == (i < kPlaces / 2));
  }
  CHECK(filled.table.outbid() == kPlaces / 2);
  // The first half came while there was room.
  for (std::uint32_t i = 0; i < kPlaces / 2; ++i) CHECK(filled.table.find(address(i))->has_place());
}

TEST_CASE("Two that send alike do not take turns") {
  FilledTable filled(4, 10, 60);
  for (const double per_s : {0.0, 5.0, 10.0, 19.9}) {
    filled.pass(2, 10);
    CHECK(filled.table.admit(address(100), filled.now_ms, per_s) == nullptr);
  }
  CHECK(filled.table.outbid() == 0);
  CHECK(filled.table.refused() == 4);
  filled.pass(2, 10);
  CHECK(filled.table.admit(address(100), filled.now_ms, 20) != nullptr);
}

TEST_CASE("Refused senders that come again at once do not keep one away that sends more") {
  FilledTable filled(4, 2, 60);
  CHECK(filled.table.admit(address(100), filled.now_ms, 2) == nullptr);
  CHECK(filled.table.admit(address(101), filled.now_ms, 2) == nullptr);
  CHECK(filled.table.admit(address(102), filled.now_ms, 40) != nullptr);
}

TEST_CASE("An exporter that has a name, or has been heard for a day, is not outbid") {
  FilledTable filled(4, 2, 60);
  filled.table.find(address(2))->name.with([](std::string& name) { name = "branch"; });
  auto& settled = *filled.table.find(address(3));
  settled.first_seen_ms = settled.first_seen_ms - kDayMs;
  CHECK(filled.table.admit(address(100), filled.now_ms, 1e6) == nullptr);
  CHECK(filled.table.find(address(2))->has_place());
  CHECK(settled.has_place());
}

TEST_CASE("What an exporter sent in a burst before it got its place counts for half a minute") {
  FilledTable filled(2, 2, 60);
  filled.now_ms += 2000;
  auto* burst = filled.table.admit(address(100), filled.now_ms, 1000);
  REQUIRE(burst != nullptr);
  filled.now_ms += 2000;
  CHECK(filled.table.admit(address(101), filled.now_ms, 100) == nullptr);
  filled.now_ms += 60'000;
  hear(*burst, filled.now_ms, true);
  hear(*filled.table.find(address(0)), filled.now_ms, true);
  CHECK(filled.table.admit(address(101), filled.now_ms, 100) != nullptr);
  CHECK_FALSE(burst->has_place());
}
