// A load of NetFlow v5 over UDP to the loopback: a given number of records, at a given or at the greatest rate, from
// several exporter addresses. Prints what it sent as one JSON object. One thread; the mix of flows depends on --seed
// only.
//
// NetFlow v5: Cisco, "NetFlow Export Datagram Format", tables B-3 (header, 24 bytes) and B-4 (record, 48 bytes).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kHeaderBytes = 24, kRecordBytes = 48, kRecordsPerDatagram = 30;
constexpr std::size_t kPoolDatagrams = 2048;  // per exporter; each pass over them moves the clients' ports
constexpr unsigned kBatch = 32;
constexpr std::uint32_t kUptimeAtStart = 600'000;  // ms

struct Options {
  std::uint64_t records = 1'000'000;
  std::uint64_t rate = 0;  // records per second; 0: as fast as it goes
  std::uint16_t port = 2055;
  unsigned sources = 4;  // 127.0.0.2 and up
  std::uint32_t seed = 1;
};

std::uint64_t parse_number(std::string_view name, std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    throw std::invalid_argument(std::string(name) + " takes a number from " + std::to_string(least) + " to " +
                                std::to_string(most));
  }
  return value;
}

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 >= argc) throw std::invalid_argument(std::string(name) + " needs a value");
    const std::string_view value = argv[i + 1];
    if (name == "--records") {
      options.records = parse_number(name, value, 1, 1'000'000'000'000);
    } else if (name == "--rate") {
      options.rate = parse_number(name, value, 0, 1'000'000'000);
    } else if (name == "--port") {
      options.port = static_cast<std::uint16_t>(parse_number(name, value, 1, 65535));
    } else if (name == "--sources") {
      options.sources = static_cast<unsigned>(parse_number(name, value, 1, 64));
    } else if (name == "--seed") {
      options.seed = static_cast<std::uint32_t>(parse_number(name, value, 0, UINT32_MAX));
    } else {
      throw std::invalid_argument("unknown option " + std::string(name));
    }
  }
  return options;
}

void put16(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}
void put32(std::uint8_t* at, std::uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value & 0xffff);
}
std::uint32_t get16(const std::uint8_t* at) { return static_cast<std::uint32_t>(at[0] << 8 | at[1]); }

// One datagram that is sent again and again: its sums never change, only its stamps and the clients' ports do.
struct PreparedDatagram {
  std::array<std::uint8_t, kHeaderBytes + kRecordsPerDatagram * kRecordBytes> bytes{};
  std::array<std::uint16_t, kRecordsPerDatagram> first_ago_ms{}, lasted_ms{};
  std::array<std::uint8_t, kRecordsPerDatagram> client_port_at{};  // 32: source port, 34: destination port, 0: no ports
};

struct Half {
  std::uint32_t source, destination, packets, octets;
  std::uint16_t source_port, destination_port, in_if, out_if, source_as, destination_as;
  std::uint8_t protocol, flags;
  bool from_client;
  std::uint16_t first_ago_ms, lasted_ms;
};

// Conversations as an edge router sees them: a few busy servers, many clients, long-tailed sizes; 4 of 5 have both
// halves.
class Mix {
 public:
  explicit Mix(std::uint32_t seed) : random_(seed) {}

  Half next() {
    if (has_answer_) {
      has_answer_ = false;
      return answer_;
    }
    const std::uint32_t kind = below(100);
    const std::uint8_t protocol = kind < 62 ? 6 : kind < 97 ? 17 : 1;
    static constexpr std::array<std::uint16_t, 12> kTcpPorts{443, 443, 443, 443, 443, 80, 80, 22, 25, 993, 8080, 3389};
    static constexpr std::array<std::uint16_t, 8> kUdpPorts{53, 53, 53, 443, 443, 123, 161, 4500};
    const std::uint32_t server = 0xc6330000U + skewed(4000);  // 198.51.0.0/16
    const std::uint32_t client = 0x0a000000U + skewed(60'000);
    const std::uint16_t server_port = protocol == 6    ? kTcpPorts[below(kTcpPorts.size())]
                                      : protocol == 17 ? kUdpPorts[below(kUdpPorts.size())]
                                                       : std::uint16_t{0};
    const std::uint16_t client_port =
        protocol == 1 ? std::uint16_t{0} : static_cast<std::uint16_t>(32768 + below(28'000));
    const std::uint32_t packets = 1 + skewed(protocol == 6 ? 3000 : 40);
    Half half{.source = client,
              .destination = server,
              .packets = packets,
              .octets = packets * (40 + below(200)),
              .source_port = client_port,
              .destination_port = server_port,
              .in_if = static_cast<std::uint16_t>(1 + client % 8),
              .out_if = 10,
              .source_as = 0,
              .destination_as = static_cast<std::uint16_t>(64512 + server % 200),
              .protocol = protocol,
              .flags = protocol == 6 ? std::uint8_t{0x1b} : std::uint8_t{0},
              .from_client = true,
              .first_ago_ms = 0,
              .lasted_ms = static_cast<std::uint16_t>(skewed(30'000))};
    half.first_ago_ms = static_cast<std::uint16_t>(half.lasted_ms + below(5000));
    if (below(5) != 0) {
      answer_ = half;
      std::swap(answer_.source, answer_.destination);
      std::swap(answer_.source_port, answer_.destination_port);
      std::swap(answer_.in_if, answer_.out_if);
      std::swap(answer_.source_as, answer_.destination_as);
      answer_.from_client = false;
      answer_.packets = 1 + packets * 5 / 4;
      answer_.octets = answer_.packets * (60 + below(1400));
      answer_.first_ago_ms = static_cast<std::uint16_t>(std::max<int>(half.first_ago_ms - 20, half.lasted_ms));
      has_answer_ = true;
    }
    return half;
  }

 private:
  std::uint32_t below(std::size_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  // Small values often, large ones seldom: the product of three draws.
  std::uint32_t skewed(std::uint64_t limit) {
    const std::uint64_t a = below(1000), b = below(1000), c = below(1000);
    return static_cast<std::uint32_t>(a * b * c * limit / 1'000'000'000);
  }

  std::mt19937 random_;
  Half answer_{};
  bool has_answer_ = false;
};

void put_record(std::uint8_t* at, const Half& half) {
  put32(at, half.source);
  put32(at + 4, half.destination);
  put32(at + 8, 0x0a0000feU);  // next hop 10.0.0.254
  put16(at + 12, half.in_if);
  put16(at + 14, half.out_if);
  put32(at + 16, half.packets);
  put32(at + 20, half.octets);
  put16(at + 32, half.source_port);
  put16(at + 34, half.destination_port);
  at[37] = half.flags;
  at[38] = half.protocol;
  put16(at + 40, half.source_as);
  put16(at + 42, half.destination_as);
  at[44] = half.from_client ? 8 : 24;
  at[45] = half.from_client ? 24 : 8;
}

std::vector<PreparedDatagram> prepare(std::uint32_t seed) {
  Mix mix(seed);
  std::vector<PreparedDatagram> pool(kPoolDatagrams);
  for (PreparedDatagram& datagram : pool) {
    put16(datagram.bytes.data(), 5);  // version
    for (std::size_t i = 0; i < kRecordsPerDatagram; ++i) {
      const Half half = mix.next();
      put_record(datagram.bytes.data() + kHeaderBytes + i * kRecordBytes, half);
      datagram.first_ago_ms[i] = half.first_ago_ms;
      datagram.lasted_ms[i] = half.lasted_ms;
      datagram.client_port_at[i] = half.protocol == 1 ? std::uint8_t{0}
                                   : half.from_client ? std::uint8_t{32}
                                                      : std::uint8_t{34};
    }
  }
  return pool;
}

struct Sent {
  std::uint64_t datagrams = 0, records = 0, octets = 0, packets = 0;
};

class Source {
 public:
  Source(unsigned index, const Options& options)
      : pool_(prepare(options.seed * 1000 + index)), engine_(static_cast<std::uint8_t>(index)) {
    fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) fail("open a socket");
    sockaddr_in from{}, to{};
    from.sin_family = to.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + index);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(options.port);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
      fail("bind 127.0.0." + std::to_string(2 + index));
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() { close(fd_); }

  // Sends up to a batch of datagrams, `records` records at most.
  void send(std::uint64_t records, std::int64_t now_ms, std::uint32_t uptime_ms, Sent& sent) {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> parts{};
    unsigned count = 0;
    for (; count < kBatch && records > 0; ++count) {
      const auto in_this = static_cast<std::uint32_t>(std::min<std::uint64_t>(records, kRecordsPerDatagram));
      records -= in_this;
      PreparedDatagram& datagram = pool_[next_];
      stamp(datagram, in_this, now_ms, uptime_ms, sent);
      parts[count] = {.iov_base = datagram.bytes.data(), .iov_len = kHeaderBytes + in_this * kRecordBytes};
      messages[count].msg_hdr.msg_iov = &parts[count];
      messages[count].msg_hdr.msg_iovlen = 1;
      next_ = (next_ + 1) % kPoolDatagrams;
      if (next_ == 0) ++pass_;
    }
    for (unsigned done = 0; done < count;) {
      const int n = sendmmsg(fd_, messages.data() + done, count - done, 0);
      // ECONNREFUSED tells of an earlier datagram that found nobody; the kernel has dropped it, not this one.
      if (n < 0 && errno != EINTR && errno != ECONNREFUSED && errno != ENOBUFS && errno != EAGAIN) fail("send");
      if (n > 0) done += static_cast<unsigned>(n);
    }
  }

 private:
  [[noreturn]] static void fail(const std::string& what) {
    throw std::runtime_error("cannot " + what + ": " + std::error_code(errno, std::generic_category()).message());
  }

  void stamp(PreparedDatagram& datagram, std::uint32_t records, std::int64_t now_ms, std::uint32_t uptime_ms,
             Sent& sent) {
    std::uint8_t* const header = datagram.bytes.data();
    put16(header + 2, records);
    put32(header + 4, uptime_ms);
    put32(header + 8, static_cast<std::uint32_t>(now_ms / 1000));
    put32(header + 12, static_cast<std::uint32_t>(now_ms % 1000 * 1'000'000));
    put32(header + 16, sequence_);
    header[21] = engine_;
    sequence_ += records;
    for (std::uint32_t i = 0; i < records; ++i) {
      std::uint8_t* const record = header + kHeaderBytes + i * kRecordBytes;
      const std::uint32_t first = uptime_ms - datagram.first_ago_ms[i];
      put32(record + 24, first);
      put32(record + 28, first + datagram.lasted_ms[i]);
      if (const std::size_t at = datagram.client_port_at[i]; at != 0 && pass_ != 0)
        put16(record + at, 32768 + (get16(record + at) - 32768 + 1) % 28'000);
      sent.packets += ntohl32(record + 16);
      sent.octets += ntohl32(record + 20);
    }
    ++sent.datagrams;
    sent.records += records;
  }
  static std::uint32_t ntohl32(const std::uint8_t* at) { return get16(at) << 16 | get16(at + 2); }

  std::vector<PreparedDatagram> pool_;
  std::size_t next_ = 0;
  std::uint64_t pass_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint8_t engine_;
  int fd_ = -1;
};

Sent send_all(const Options& options, double& seconds) {
  std::vector<std::unique_ptr<Source>> sources;
  for (unsigned i = 0; i < options.sources; ++i) sources.push_back(std::make_unique<Source>(i, options));
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  Sent sent;
  for (std::size_t turn = 0; sent.records < options.records; ++turn) {
    if (options.rate > 0) {
      const auto due = start + std::chrono::nanoseconds(static_cast<std::int64_t>(
                                   static_cast<double>(sent.records) * 1e9 / static_cast<double>(options.rate)));
      std::this_thread::sleep_until(due);
    }
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
    const auto now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    const std::uint64_t batch = std::min<std::uint64_t>(options.records - sent.records, kBatch * kRecordsPerDatagram);
    sources[turn % sources.size()]->send(batch, now_ms, kUptimeAtStart + static_cast<std::uint32_t>(since), sent);
  }
  seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return sent;
}

}  // namespace

int main(int argc, char** argv) try {
  const Options options = parse_options(argc, argv);
  double seconds = 0;
  const Sent sent = send_all(options, seconds);
  std::printf(
      "{\"datagrams\": %llu, \"records\": %llu, \"octets\": %llu, \"packets\": %llu, \"seconds\": %.3f, "
      "\"records_per_s\": %.0f}\n",
      static_cast<unsigned long long>(sent.datagrams), static_cast<unsigned long long>(sent.records),
      static_cast<unsigned long long>(sent.octets), static_cast<unsigned long long>(sent.packets), seconds,
      static_cast<double>(sent.records) / seconds);
  return 0;
} catch (const std::invalid_argument& mistake) {
  std::fprintf(stderr,
               "flow_sender: %s\nusage: flow_sender [--records N] [--rate RECORDS_PER_S] [--port UDP_PORT] [--sources "
               "N] [--seed N]\n",
               mistake.what());
  return 2;
} catch (const std::exception& mistake) {
  std::fprintf(stderr, "flow_sender: %s\n", mistake.what());
  return 1;
}
