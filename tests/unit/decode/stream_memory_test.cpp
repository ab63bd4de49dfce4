// The decoder's memory against a plain model: devices behind one address that announce, send, lose, repeat, change
// their port, are started anew with another layout and rate, while the collector is started anew, too. Every record is
// decoded right, waits, or is left out; its rate is right, or it is marked.
#include <map>
#include <memory>
#include <random>
#include <set>
#include <tuple>

#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

struct Field {
  std::uint16_t ie, length;
};
// Layouts of template 256: some of one length, so that a record of one can be read by another.
const std::vector<std::vector<Field>> kLayouts = {
    {{8, 4}, {12, 4}, {1, 4}, {2, 4}, {22, 4}, {21, 4}},
    {{1, 4}, {2, 4}, {8, 4}, {12, 4}, {22, 4}, {21, 4}},
    {{4, 1}, {8, 4}, {12, 4}, {1, 4}, {2, 4}, {22, 4}, {21, 4}},
    {{22, 4}, {21, 4}, {8, 4}, {12, 4}, {1, 8}, {2, 8}},
    {{8, 4}, {12, 4}, {7, 2}, {11, 2}, {4, 1}, {1, 4}, {2, 4}, {22, 4}, {21, 4}},
};

struct Device {
  std::uint32_t number = 0;
  std::uint16_t port = 0;
  std::uint32_t domain = 0;
  std::int64_t booted_ms = 0;
  std::uint32_t sequence = 0;
  std::size_t layout = 0;
  std::uint32_t rate = 0;  // 0: it does not sample
  bool told_rate = false;  // from this port, since it was started
  bool told_template = false;
};

struct Sent {
  std::uint32_t device = 0, rate = 0;
  bool told_rate = false;
};

class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed) {
    begin_run();
    const std::size_t devices = 1 + draw(8);
    for (std::size_t i = 0; i < devices; ++i) {
      Device d{.number = static_cast<std::uint32_t>(i), .domain = draw(3) == 0 ? 7u : 0u};
      devices_.push_back(d);
      start(devices_.back());
    }
  }

  void step() {
    now_ms_ += 1 + draw(3'000);
    auto& d = devices_[draw(static_cast<std::uint32_t>(devices_.size()))];
    switch (draw(20)) {
      case 0:
        if (d.sequence > 3) start(d);
        return;
      case 1: return change_port(d);
      case 2: return restart_collector();
      case 3:
      case 4:
      case 5: return announce(d);
      case 6:
      case 7: return announce_rate(d);
      case 8: ++d.sequence, ++lost_; return;
      case 9: return send(d, data(d), true);
      default: return send(d, data(d), false);
    }
  }

  // In the end every device announces and sends, and that is decoded.
  void settle() {
    for (auto& d : devices_) {
      announce(d);
      announce_rate(d);
      const auto before = decoding_->records();
      now_ms_ += 10;
      send(d, data(d), false);
      check();
      CHECK(decoding_->records() > before);
    }
  }

  void check() {
    const auto& all = decoding_->sink.all;
    for (; checked_ < all.size(); ++checked_) {
      const auto& r = all[checked_];
      const auto at = sent_.find(r.octets);
      INFO("record " << r.src.text() << " > " << r.dst.text() << ", " << r.octets << " octets, " << r.packets
                     << " packets, 1 in " << r.sampling);
      REQUIRE(at != sent_.end());
      const Sent sent = at->second;
      sent_.erase(at);  // decoded once
      REQUIRE(r.src == address(sent.device));
      REQUIRE(r.dst.text() == "203.0.113.9");
      REQUIRE(r.packets == 3);
      const bool marked = (r.quality & kQualitySamplingUnknown) != 0;
      const std::uint32_t right = sent.rate;
      if (r.sampling != right && r.sampling != 0) REQUIRE(marked);
      // A rate that its device has told from this port must be known.
      if (sent.told_rate) REQUIRE(r.sampling == right);
      if (right != 0 && r.sampling == 0 && any_rate_told_) REQUIRE(marked);
    }
    REQUIRE(lost_before_ + decoding_->exporter().lost <= lost_);
  }

 private:
  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  static IpAddress address(std::uint32_t device) { return IpAddress::from_v4(0xc6336401u + device); }
  std::uint32_t uptime(const Device& d) const { return static_cast<std::uint32_t>(now_ms_ - d.booted_ms); }

  void start(Device& d) {
    const bool first = d.port == 0;
    if (!first) now_ms_ += 20'000;
    d.layout = draw(static_cast<std::uint32_t>(kLayouts.size()));
    d.rate = draw(3) == 0 ? 0 : 10 * (1 + draw(4));
    d.booted_ms = now_ms_ - (first ? 1'000'000 + 30'000 * std::int64_t{draw(100)} : 5'000 + draw(10'000));
    d.sequence = first ? draw(100) : draw(2);
    d.told_rate = d.told_template = false;
    if (first || draw(2) == 0) d.port = next_port_++;
  }
  void change_port(Device& d) {
    d.port = next_port_++;
    d.told_rate = d.told_template = false;
  }
  void begin_run() {
    DecodeLimits limits;
    decoding_ = std::make_unique<Decoding>(limits, 100, DecodeLimits{}.duplicate_window_ms);
    decoding_->exporters.find_or_add(parse_ip_address(decoding_->from).value());
    checked_ = 0;
    decoding_->decoder.on_template([&](const StoredTemplate& t) {
      templates_[{t.source_port, t.domain, t.record[0] << 8 | t.record[1]}] = t;
    });
    decoding_->decoder.on_rate([&](const StoredRate& r) {
      rates_[{r.announced.port, r.announced.domain, static_cast<int>(r.announced.scope)}] = r;
    });
    for (const auto& [key, t] : templates_) decoding_->decoder.restore_template(t);
    for (const auto& [key, r] : rates_) decoding_->decoder.restore_rate(r);
  }
  void restart_collector() {
    lost_before_ += decoding_->exporter().lost;
    begin_run();
  }

  void send(Device& d, const Wire& sets, bool twice) {
    decoding_->port = d.port;
    decoding_->now_ms = now_ms_;
    const Wire message = Wire()
                             .u16(9)
                             .u16(1)
                             .u32(uptime(d))
                             .u32(static_cast<std::uint64_t>(now_ms_ / 1000))
                             .u32(d.sequence++)
                             .u32(d.domain)
                             .add(sets);
    decoding_->send(message);
    if (twice) decoding_->send(message);
    check();
  }
  void announce(Device& d) {
    Wire w = Wire().u16(256).u16(kLayouts[d.layout].size());
    for (const auto& f : kLayouts[d.layout]) w.u16(f.ie).u16(f.length);
    d.told_template = true;
    send(d, Wire().set(0, w), false);
  }
  void announce_rate(Device& d) {
    if (d.rate == 0) return;
    d.told_rate = any_rate_told_ = true;
    send(d,
         Wire().set(1, Wire().u16(300).u16(4).u16(4).u16(1).u16(4).u16(34).u16(4)).set(300, Wire().u32(0).u32(d.rate)),
         false);
  }
  Wire data(Device& d) {
    const std::uint64_t serial = next_serial_++;
    sent_[serial] = {.device = d.number, .rate = d.rate, .told_rate = d.told_rate};
    Wire w;
    for (const auto& f : kLayouts[d.layout]) {
      switch (f.ie) {
        case 8: w.u32(0xc6336401u + d.number); break;
        case 12: w.ip("203.0.113.9"); break;
        case 1: f.length == 8 ? w.u64(serial) : w.u32(serial); break;
        case 2: f.length == 8 ? w.u64(3) : w.u32(3); break;
        case 22: w.u32(uptime(d) - 2000); break;
        case 21: w.u32(uptime(d) - 1000); break;
        case 4: w.u8(6); break;
        default: w.u16(443); break;
      }
    }
    return Wire().set(256, w.zeros((4 - w.size() % 4) % 4));
  }

  std::mt19937 random_;
  std::unique_ptr<Decoding> decoding_;
  std::vector<Device> devices_;
  std::map<std::uint64_t, Sent> sent_;
  std::map<std::tuple<int, std::uint32_t, int>, StoredTemplate> templates_;
  std::map<std::tuple<int, std::uint32_t, int>, StoredRate> rates_;
  std::int64_t now_ms_ = kNowMs;
  std::uint16_t next_port_ = 20'000;
  std::uint64_t next_serial_ = 1'000, lost_ = 0, lost_before_ = 0;
  std::size_t checked_ = 0;
  bool any_rate_told_ = false;
};

}  // namespace

TEST_CASE(
    "Devices behind one address, in any order of what happens to them: nothing is decoded wrong, and nothing is lost "
    "that was not") {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    World world(seed);
    for (int i = 0; i < 120; ++i) world.step();
    world.settle();
  }
}
