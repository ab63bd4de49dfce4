// Captures written byte by byte: link layers, IP, fragments, and files that are none.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>

#include "receive/capture_reader.hpp"
#include "support/catch.hpp"
#include "support/wire_bytes.hpp"

using namespace weir;
using weir::test::Wire;

namespace {

// LINKTYPE_ numbers of tcpdump.org.
constexpr std::uint32_t kEthernet = 1, kNull = 0, kRaw = 101, kLoop = 108, kSll = 113, kIpv4 = 228, kIpv6 = 229,
                        kSll2 = 276, kBluetooth = 187;

class CaptureFile {
 public:
  explicit CaptureFile(const std::vector<std::uint8_t>& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("weir-test-" + std::to_string(getpid()) + "-" + std::to_string(next_++) + ".pcap")) {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  explicit CaptureFile(const Wire& wire) : CaptureFile(wire.bytes()) {}
  ~CaptureFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  static inline int next_ = 0;
  std::filesystem::path path_;
};

// The header of a pcap file in network order: magic, version 2.4, zone, accuracy, snap length, link type.
Wire pcap(std::uint32_t link) { return Wire().u32(0xa1b2c3d4).u16(2).u16(4).u32(0).u32(0).u32(262144).u32(link); }
// A packet: seconds, microseconds, octets kept, octets sent.
Wire packet(const Wire& frame, std::size_t kept = SIZE_MAX, std::uint32_t seconds = 1'700'000'000) {
  const std::size_t size = std::min(kept, frame.size());
  return Wire().u32(seconds).u32(250'000).u32(size).u32(frame.size()).add(Wire(frame).cut(size));
}

Wire udp(const Wire& payload, std::uint16_t from = 50000, std::uint16_t to = 2055) {
  return Wire().u16(from).u16(to).u16(8 + payload.size()).u16(0).add(payload);
}
// IPv4 without options; `fragment` is the field of flags and offset.
Wire ipv4(const Wire& content, std::uint16_t fragment = 0, std::uint16_t id = 7, std::uint8_t protocol = 17) {
  return Wire()
      .u8(0x45)
      .u8(0)
      .u16(20 + content.size())
      .u16(id)
      .u16(fragment)
      .u8(64)
      .u8(protocol)
      .u16(0)
      .ip("192.0.2.1")
      .ip("192.0.2.9")
      .add(content);
}
Wire ipv6(const Wire& content, std::uint8_t next = 17) {
  return Wire().u32(0x60000000).u16(content.size()).u8(next).u8(64).ip("2001:db8::1").ip("2001:db8::9").add(content);
}
Wire ethernet(std::uint16_t type, const Wire& content) { return Wire().zeros(12).u16(type).add(content); }

const Wire kPayload = Wire().text("flow export");

struct Read {
  std::vector<std::string> payloads;
  DatagramBatch batch;
  CaptureCounters counters;
  std::string failure;
};
Read read_all(const CaptureFile& file) {
  Read r;
  auto reader = CaptureReader::open(file.path());
  if (!reader) {
    r.failure = reader.error().message;
    return r;
  }
  for (bool more = true; more;) {
    const auto outcome = reader->read(r.batch, SIZE_MAX);
    if (!outcome) {
      r.failure = outcome.error().message;
      break;
    }
    more = *outcome;
  }
  r.counters = reader->counters();
  for (std::size_t i = 0; i < r.batch.size(); ++i) {
    const auto p = r.batch[i].payload;
    r.payloads.emplace_back(p.begin(), p.end());
  }
  return r;
}
Read read_frames(std::uint32_t link, std::initializer_list<Wire> frames) {
  Wire file = pcap(link);
  for (const auto& f : frames) file.add(packet(f));
  return read_all(CaptureFile(file));
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("A datagram keeps its source, its ports and the capture's time") {
  const auto r = read_frames(kEthernet, {ethernet(0x0800, ipv4(udp(kPayload, 1234, 9995)))});
  REQUIRE(r.batch.size() == 1);
  const auto d = r.batch[0];
  CHECK(d.source.text() == "192.0.2.1");
  CHECK(d.source_port == 1234);
  CHECK(d.local_port == 9995);
  CHECK(d.arrival_ms == 1'700'000'000'250);
  CHECK(r.payloads[0] == "flow export");
  CHECK(r.failure.empty());
}

TEST_CASE("Every link layer that exports are captured on") {
  const Wire four = ipv4(udp(kPayload)), six = ipv6(udp(kPayload));
  Read r;
  SECTION("Ethernet, IPv6") {
    r = read_frames(kEthernet, {ethernet(0x86dd, six)});
    CHECK(r.batch[0].source.text() == "2001:db8::1");
  }
  SECTION("a VLAN tag") { r = read_frames(kEthernet, {ethernet(0x8100, Wire().u16(42).u16(0x0800).add(four))}); }
  SECTION("two VLAN tags") {
    r = read_frames(kEthernet, {ethernet(0x88a8, Wire().u16(1).u16(0x8100).u16(2).u16(0x0800).add(four))});
  }
  SECTION("Linux cooked") { r = read_frames(kSll, {Wire().zeros(14).u16(0x0800).add(four)}); }
  SECTION("Linux cooked 2") { r = read_frames(kSll2, {Wire().u16(0x86dd).zeros(18).add(six)}); }
  SECTION("raw IP, both families") {
    r = read_frames(kRaw, {four});
    CHECK(read_frames(kRaw, {six}).payloads.size() == 1);
  }
  SECTION("raw IPv4") { r = read_frames(kIpv4, {four}); }
  SECTION("raw IPv6") { r = read_frames(kIpv6, {six}); }
  SECTION("loopback") { r = read_frames(kNull, {Wire().u32(0x02000000).add(four)}); }
  SECTION("OpenBSD loopback") { r = read_frames(kLoop, {Wire().u32(24).add(six)}); }
  CHECK(r.payloads == std::vector<std::string>{"flow export"});
}

TEST_CASE("Link padding after the IP packet is no payload") {
  const auto r = read_frames(kEthernet, {ethernet(0x0800, ipv4(udp(kPayload)).zeros(20))});
  CHECK(r.payloads == std::vector<std::string>{"flow export"});
}

TEST_CASE("IPv4 options and IPv6 extension headers are stepped over") {
  Wire with_options = Wire()
                          .u8(0x46)
                          .u8(0)
                          .u16(24 + 8 + kPayload.size())
                          .u32(0)
                          .u8(64)
                          .u8(17)
                          .u16(0)
                          .ip("192.0.2.1")
                          .ip("192.0.2.9")
                          .u32(0x01010101)
                          .add(udp(kPayload));
  // Hop-by-hop options, then destination options, each of eight octets; an unfragmented fragment header.
  const Wire extended =
      ipv6(Wire().u8(60).u8(0).zeros(6).u8(44).u8(0).zeros(6).u8(17).u8(0).u16(0).u32(99).add(udp(kPayload)), 0);
  const auto r = read_frames(kRaw, {with_options, extended});
  CHECK(r.payloads == std::vector<std::string>{"flow export", "flow export"});
}

TEST_CASE("What is no UDP is counted") {
  const auto r =
      read_frames(kEthernet, {ethernet(0x0806, Wire().zeros(28)), ethernet(0x0800, ipv4(Wire().zeros(20), 0, 1, 6))});
  CHECK(r.counters.frames == 2);
  CHECK(r.counters.other == 2);
  CHECK(r.counters.malformed == 0);
  CHECK(r.payloads.empty());
}

TEST_CASE("Headers that cannot be are counted as malformed") {
  const auto r = read_frames(kRaw, {Wire().u8(0x45).zeros(3), Wire().u8(0x42).zeros(30), ipv4(Wire().zeros(4)),
                                    ipv6(Wire().u8(17).u8(200).zeros(6), 0), ipv4(Wire().u16(1).u16(2).u16(3).u16(0))});
  CHECK(r.counters.malformed == 5);
  CHECK(r.payloads.empty());
}

TEST_CASE("A datagram of which the capture kept only the beginning is handed on and counted") {
  Wire file = pcap(kRaw);
  file.add(packet(ipv4(udp(kPayload)), 20 + 8 + 4));
  const auto r = read_all(CaptureFile(file));
  CHECK(r.payloads == std::vector<std::string>{"flow"});
  CHECK(r.counters.cut == 1);
}

TEST_CASE("IPv4 fragments are put together in any order; incomplete and overlapping ones are not") {
  const auto whole = udp(Wire().text(std::string(40, 'x'))).bytes();  // 48 octets
  const auto part = [&](std::size_t from, std::size_t to, bool more) {
    Wire w;
    for (std::size_t i = from; i < to; ++i) w.u8(whole[i]);
    return ipv4(w, static_cast<std::uint16_t>((more ? 0x2000 : 0) | from / 8));
  };
  const auto expect_whole = [](const Read& r) {
    REQUIRE(r.payloads == std::vector<std::string>{std::string(40, 'x')});
    CHECK(r.batch[0].source_port == 50000);
    CHECK(r.counters.fragments == 3);
    CHECK(r.counters.incomplete_fragments == 0);
  };
  const auto expect_none = [](const Read& r) {
    CHECK(r.payloads.empty());
    CHECK(r.counters.incomplete_fragments == 1);
  };
  SECTION("in order") { expect_whole(read_frames(kRaw, {part(0, 16, true), part(16, 32, true), part(32, 48, false)})); }
  SECTION("the last first") {
    expect_whole(read_frames(kRaw, {part(32, 48, false), part(16, 32, true), part(0, 16, true)}));
  }
  SECTION("one missing") { expect_none(read_frames(kRaw, {part(0, 16, true), part(32, 48, false)})); }
  SECTION("overlapping (RFC 5722)") { expect_none(read_frames(kRaw, {part(0, 24, true), part(16, 48, false)})); }
}

TEST_CASE("IPv6 fragments are put together") {
  const auto whole = udp(Wire().text(std::string(24, 'y'))).bytes();  // 32 octets
  Wire first, second;
  for (int i = 0; i < 16; ++i) first.u8(whole[static_cast<std::size_t>(i)]);
  for (int i = 16; i < 32; ++i) second.u8(whole[static_cast<std::size_t>(i)]);
  const auto r = read_frames(kRaw, {ipv6(Wire().u8(17).u8(0).u16(1).u32(5).add(first), 44),
                                    ipv6(Wire().u8(17).u8(0).u16(16).u32(5).add(second), 44)});
  CHECK(r.payloads == std::vector<std::string>{std::string(24, 'y')});
}

TEST_CASE("First fragments without end are bounded") {
  Wire file = pcap(kRaw);
  for (std::uint16_t id = 0; id < 5000; ++id) file.add(packet(ipv4(Wire().zeros(16), 0x2000, id)));
  const auto r = read_all(CaptureFile(file));
  CHECK(r.counters.fragments == 5000);
  CHECK(r.counters.incomplete_fragments == 5000);
}

TEST_CASE("pcapng is read as well") {
  const Wire frame = ethernet(0x0800, ipv4(udp(kPayload)).zeros(3));  // 56 octets: a multiple of four
  REQUIRE(frame.size() % 4 == 0);
  Wire file = Wire().u32(0x0a0d0d0a).u32(28).u32(0x1a2b3c4d).u16(1).u16(0).u64(~0ull).u32(28);  // section header
  file.u32(1).u32(20).u16(1).u16(0).u32(262144).u32(20);                                        // an Ethernet interface
  const std::uint64_t at_us = 1'700'000'000'250'000;
  file.u32(6)
      .u32(32 + frame.size())
      .u32(0)
      .u32(at_us >> 32)
      .u32(at_us)
      .u32(frame.size())
      .u32(frame.size())
      .add(frame)
      .u32(32 + frame.size());
  const auto r = read_all(CaptureFile(file));
  CHECK(r.failure.empty());
  REQUIRE(r.payloads == std::vector<std::string>{"flow export"});
  CHECK(r.batch[0].arrival_ms == 1'700'000'000'250);
}

TEST_CASE("A truncated file is an error that names it, how far it went, and what is wrong") {
  Wire file = pcap(kRaw);
  file.add(packet(ipv4(udp(kPayload)))).add(packet(ipv4(udp(kPayload))));
  file.cut(file.size() - 5);
  const CaptureFile capture(file);
  const auto r = read_all(capture);
  CHECK(contains(r.failure, capture.path()));
  CHECK(contains(r.failure, "truncated or damaged after 1 packets"));
  CHECK(contains(r.failure, "of " + std::to_string(file.size())));
  CHECK(r.payloads.size() == 1);
  const auto checked = check_capture(capture.path());
  REQUIRE(checked.has_error());
  CHECK(checked.error().message == r.failure);
}

TEST_CASE("What is no capture is an error that names it and says what can be read") {
  SECTION("random octets") {
    std::mt19937 random(1);
    Wire noise;
    for (int i = 0; i < 5000; ++i) noise.u8(random());
    const CaptureFile file(noise);
    const auto r = read_all(file);
    CHECK(contains(r.failure, file.path()));
    CHECK(contains(r.failure, "pcap or pcapng"));
  }
  SECTION("an empty file") {
    const CaptureFile file{Wire()};
    CHECK(contains(read_all(file).failure, file.path()));
  }
  SECTION("a link type without IP") {
    const CaptureFile file{pcap(kBluetooth)};
    CHECK(contains(read_all(file).failure, "BLUETOOTH"));
  }
  SECTION("no file") {
    const auto r = CaptureReader::open("/nonexistent/x.pcap");
    REQUIRE(r.has_error());
    CHECK(contains(r.error().message, "/nonexistent/x.pcap"));
    CHECK(contains(r.error().message, "No such file"));
  }
  SECTION("a folder") {
    const auto r = CaptureReader::open("/tmp");
    REQUIRE(r.has_error());
    CHECK(contains(r.error().message, "is a folder"));
  }
}

TEST_CASE("A file of random packets after a good header ends in an error, not in a crash") {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    Wire file = pcap(round % 2 ? kEthernet : kRaw);
    for (int i = 0; i < 600; ++i) file.u8(random());
    read_all(CaptureFile(file));
  }
}

TEST_CASE("Progress is told in octets of the file, batch by batch") {
  Wire file = pcap(kRaw);
  for (int i = 0; i < 200; ++i) file.add(packet(ipv4(udp(kPayload))));
  const CaptureFile capture(file);
  auto reader = CaptureReader::open(capture.path());
  REQUIRE(reader.has_value());
  CHECK(reader->bytes_total() == file.size());
  std::uint64_t before = 0;
  int batches = 0;
  for (bool more = true; more; ++batches) {
    DatagramBatch batch;
    more = reader->read(batch, 2000).value();
    CHECK(reader->bytes_read() >= before);
    before = reader->bytes_read();
  }
  CHECK(batches > 3);
  CHECK(before == file.size());
  const auto checked = check_capture(capture.path());
  REQUIRE(checked.has_value());
  CHECK(checked->datagrams == 200);
}
