// Ordinary traffic by chance, and what is added to it.
#include "scenario/explain/planted_world.hpp"

#include <cmath>

#include "api/explain_text.hpp"
#include "support/catch.hpp"

namespace weir::testing {

namespace {

constexpr std::int64_t kWeekMs = 7 * 86'400'000LL;

IpAddress exporter_address(std::uint32_t id) { return IpAddress::from_v4(0xc000'0200u + id); }

double normal(Random& random) {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += random.unit();
  return sum - 6;
}

}  // namespace

PlantedWorld::PlantedWorld(std::uint64_t seed) : random_(seed), stored_(3) {
  const auto minutes = static_cast<std::int64_t>(10 + random_.below(50));
  range_.from_ms = 1'700'000'000'000 + static_cast<std::int64_t>(random_.below(86'400)) * 1000;
  range_.to_ms = range_.from_ms + minutes * 60'000;
  exporters_ = static_cast<std::uint32_t>(1 + random_.below(3));
  sessions_ = 2000 + random_.below(4000);
  const auto clients = 40 + random_.below(200), servers = 60 + random_.below(400);
  const auto net = static_cast<std::uint32_t>(random_.below(200));
  for (std::uint64_t i = 0; i < clients; ++i)
    clients_.push_back(IpAddress::from_v4(0x0a00'0000u + (net << 16) + static_cast<std::uint32_t>(i * 7 + 10)));
  for (std::uint64_t i = 0; i < servers; ++i)
    servers_.push_back(IpAddress::from_v4(0x2d00'0000u + static_cast<std::uint32_t>(random_.below(1 << 22))));
  ports_ = {443, 443, 443, 443, 80, 53, 993, 22, 123, 8080};
  for (std::uint64_t i = 0; i < clients; ++i) activity_.push_back(std::exp(0.8 * normal(random_)));
  for (const auto stretch : kStretches) add_ordinary(stretch);
  for (const auto& s : stored_[static_cast<std::size_t>(Stretch::kBefore)])
    ordinary_octets_ += s.halves[0].octets + s.halves[1].octets;
}

TimeRange PlantedWorld::range_of(Stretch stretch) const {
  switch (stretch) {
    case Stretch::kLastWeek: return {.from_ms = range_.from_ms - kWeekMs, .to_ms = range_.to_ms - kWeekMs};
    case Stretch::kBefore: return before_of(range_).range;
    case Stretch::kNow: break;
  }
  return range_;
}

IpAddress PlantedWorld::outside() {
  return IpAddress::from_v4(0xc600'0000u + static_cast<std::uint32_t>(random_.below(1 << 24)));
}

void PlantedWorld::push(Stretch stretch, Session session) {
  session.reason = ServerReason::kSyn;
  stored_[static_cast<std::size_t>(stretch)].push_back(session);
}

// Rates differ by client and by stretch; sizes over some orders of magnitude; a few large transfers.
void PlantedWorld::add_ordinary(Stretch stretch) {
  const auto range = range_of(stretch);
  std::vector<double> weights;
  double sum = 0;
  for (const auto activity : activity_) weights.push_back(sum += activity * (0.6 + 0.8 * random_.unit()));
  const auto pick = [&] {
    const double at = random_.unit() * sum;
    return static_cast<std::size_t>(std::lower_bound(weights.begin(), weights.end(), at) - weights.begin());
  };
  const auto count = static_cast<std::uint64_t>(static_cast<double>(sessions_) * (0.93 + 0.14 * random_.unit()));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto client = pick();
    const auto server = static_cast<std::size_t>(std::pow(random_.unit(), 2.5) * static_cast<double>(servers_.size()));
    Conversation c{.client = clients_[client],
                   .server = servers_[server],
                   .client_port = static_cast<std::uint16_t>(20'000 + random_.below(40'000)),
                   .server_port = ports_[server % ports_.size()]};
    c.protocol = c.server_port == 53 || c.server_port == 123 ? 17 : 6;
    c.octets = static_cast<std::uint64_t>(std::exp(9 + 1.2 * normal(random_)));
    if (random_.one_in(300)) c.octets *= 12;
    c.exporter = 1 + static_cast<std::uint32_t>(client % exporters_);
    c.out_if = 2 + static_cast<std::uint32_t>(server % 2);
    const double from = random_.unit();
    const auto start = range.from_ms + static_cast<std::int64_t>(from * static_cast<double>(length()));
    Session s;
    s.start_ms = start;
    s.end_ms = std::min(range.to_ms - 1, start + static_cast<std::int64_t>(random_.below(30'000)));
    s.client = c.client, s.server = c.server, s.client_port = c.client_port, s.server_port = c.server_port,
    s.protocol = c.protocol, s.exporter = c.exporter;
    s.sampling = 1;
    const auto up = static_cast<std::uint64_t>(static_cast<double>(c.octets) * c.sent_by_client);
    s.halves[kToServer] = {.octets = up, .packets = up / 100 + 1, .flows = 1, .in_if = c.in_if, .out_if = c.out_if};
    s.halves[kToClient] = {.octets = c.octets - up,
                           .packets = (c.octets - up) / 1200 + 1,
                           .flows = 1,
                           .in_if = c.out_if,
                           .out_if = c.in_if};
    push(stretch, s);
  }
}

void PlantedWorld::add(Stretch stretch, const Conversation& c, double from, double to) {
  const auto range = range_of(stretch);
  const auto start = range.from_ms + static_cast<std::int64_t>(from * static_cast<double>(length()));
  const auto end = range.from_ms + static_cast<std::int64_t>(to * static_cast<double>(length()));
  const auto pieces = static_cast<std::uint64_t>(std::max<std::int64_t>(1, (end - start) / 60'000));
  for (std::uint64_t i = 0; i < pieces; ++i) {
    Session s;
    s.start_ms = start + (end - start) * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(pieces);
    s.end_ms = start + (end - start) * static_cast<std::int64_t>(i + 1) / static_cast<std::int64_t>(pieces) - 1;
    s.client = c.client, s.server = c.server, s.client_port = c.client_port, s.server_port = c.server_port,
    s.protocol = c.protocol, s.exporter = c.exporter;
    s.sampling = 1;
    const auto octets = c.octets / pieces,
               up = static_cast<std::uint64_t>(static_cast<double>(octets) * c.sent_by_client);
    s.halves[kToServer] = {.octets = up, .packets = up / 1000 + 1, .flows = 1, .in_if = c.in_if, .out_if = c.out_if};
    s.halves[kToClient] = {
        .octets = octets - up, .packets = (octets - up) / 1000 + 1, .flows = 1, .in_if = c.out_if, .out_if = c.in_if};
    push(stretch, s);
  }
}

void PlantedWorld::add_one(Stretch stretch, const Conversation& c) {
  const double at = random_.unit() * 0.999;
  const double second = 1000.0 / static_cast<double>(length());
  add(stretch, c, at, std::min(1.0, at + second * random_.unit()));
}

void PlantedWorld::change(Stretch stretch, const std::function<bool(Session&)>& how) {
  std::erase_if(stored_[static_cast<std::size_t>(stretch)], [&](Session& s) { return !how(s); });
}

void PlantedWorld::each(Stretch stretch, const std::function<void(const Session&)>& see) const {
  for (const auto& s : stored_[static_cast<std::size_t>(stretch)]) see(s);
}

MemoryStore& PlantedWorld::store() {
  if (store_) return *store_;
  store_ = std::make_unique<MemoryStore>(3000);
  for (std::uint32_t id = 1; id <= exporters_ + 1; ++id)
    store_->add_exporter({.id = id, .address = exporter_address(id), .name = ""});
  auto& now = stored_[static_cast<std::size_t>(Stretch::kNow)];
  now.insert(now.end(), sessions_of_now_.begin(), sessions_of_now_.end());
  std::uint64_t id = 1;
  for (auto& sessions : stored_) {
    for (auto& s : sessions) s.id = id++;
    store_->on_sessions({.sessions = sessions, .final_below = id});
  }
  return *store_;
}

Explanation PlantedWorld::explained(Measure measure) {
  const auto explanation =
      explain({.range = range_, .filter = {}, .measure = measure}, store(), {.now_ms = range_.to_ms + 3'600'000});
  if (!explanation) FAIL(explanation.error().message);
  return *explanation;
}

std::string text_of(const Explanation& explanation) {
  const KeyNames names{.service = {}, .exporter = {}, .interface = {}, .derived = {}};
  return explanation_text(explanation, {.names = names, .exporter_address = exporter_address, .zone = TimeZone()});
}

}  // namespace weir::testing
