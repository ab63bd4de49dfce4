// libpcap's side of reading captures: opening, link layers, positions, errors in words.
#include "receive/capture_reader.hpp"

#include <pcap/pcap.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "receive/capture_frame.hpp"
#include "receive/fragment_table.hpp"

namespace weir {

namespace {

struct ClosePcap {
  void operator()(pcap_t* p) const { pcap_close(p); }
};

std::optional<LinkLayer> link_layer(int type) {
  switch (type) {
    case DLT_EN10MB: return LinkLayer::kEthernet;
    case DLT_LINUX_SLL: return LinkLayer::kLinuxSll;
    case DLT_LINUX_SLL2: return LinkLayer::kLinuxSll2;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6: return LinkLayer::kRawIp;
    case DLT_NULL:
    case DLT_LOOP: return LinkLayer::kLoopback;
    default: return std::nullopt;
  }
}

}  // namespace

struct CaptureReader::State {
  std::string path;
  std::unique_ptr<pcap_t, ClosePcap> pcap;
  LinkLayer link = LinkLayer::kEthernet;
  std::uint64_t total = 0;
  CaptureCounters counters;
  FragmentTable fragments;

  void take(const pcap_pkthdr& header, const std::uint8_t* bytes, DatagramBatch& batch) {
    const std::int64_t at_ms = std::int64_t{header.ts.tv_sec} * 1000 + header.ts.tv_usec / 1000;
    ++counters.frames;
    auto frame = decode_frame(link, std::span(bytes, header.caplen));
    std::optional<std::vector<std::uint8_t>> whole;
    if (frame.kind == FrameKind::kFragment) {
      ++counters.fragments;
      whole = fragments.add(frame, at_ms);
      if (!whole) return;
      decode_udp(*whole, frame);
    }
    if (frame.kind == FrameKind::kOther) ++counters.other;
    if (frame.kind == FrameKind::kMalformed) ++counters.malformed;
    if (frame.kind != FrameKind::kUdp) return;
    ++counters.datagrams;
    if (frame.cut) ++counters.cut;
    batch.add({.source = frame.source,
               .source_port = frame.source_port,
               .local_port = frame.destination_port,
               .arrival_ms = at_ms,
               .payload = frame.payload});
  }
};

CaptureReader::CaptureReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;
CaptureReader::~CaptureReader() = default;

Result<CaptureReader> CaptureReader::open(const std::string& path) {
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  auto state = std::make_unique<State>();
  state->path = path;
  struct stat about {};
  if (stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode))
    return error(path + ": is a folder; name the capture files in it");
  if (S_ISREG(about.st_mode)) state->total = static_cast<std::uint64_t>(about.st_size);
  state->pcap.reset(pcap_open_offline(path.c_str(), why.data()));
  if (!state->pcap) {
    const std::string reason = why.data();
    if (reason.find(path) != std::string::npos) return error(reason);  // "FILE: No such file or directory"
    return error(path + ": is not a capture that can be read (pcap or pcapng, not compressed): " + reason);
  }
  const int type = pcap_datalink(state->pcap.get());
  const auto link = link_layer(type);
  if (!link) {
    const char* name = pcap_datalink_val_to_name(type);
    return error(path + ": was captured on a link of type " +
                 (name != nullptr ? std::string(name) : std::to_string(type)) +
                 "; Ethernet, Linux cooked, raw IP and loopback captures can be read");
  }
  state->link = *link;
  return CaptureReader(std::move(state));
}

Result<bool> CaptureReader::read(DatagramBatch& batch, std::size_t batch_bytes) {
  while (batch.bytes() < batch_bytes) {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int outcome = pcap_next_ex(state_->pcap.get(), &header, &bytes);
    if (outcome == 1) {
      state_->take(*header, bytes, batch);
      continue;
    }
    if (outcome == PCAP_ERROR_BREAK) return false;
    return error(state_->path + ": is truncated or damaged after " + std::to_string(state_->counters.frames) +
                 " packets, at octet " + std::to_string(bytes_read()) + " of " + std::to_string(state_->total) + ": " +
                 pcap_geterr(state_->pcap.get()));
  }
  return true;
}

std::uint64_t CaptureReader::bytes_read() const {
  const auto at = ftello(pcap_file(state_->pcap.get()));
  return at < 0 ? 0 : static_cast<std::uint64_t>(at);
}
std::uint64_t CaptureReader::bytes_total() const { return state_->total; }

CaptureCounters CaptureReader::counters() const {
  CaptureCounters c = state_->counters;
  c.incomplete_fragments = state_->fragments.incomplete();
  return c;
}

Result<CaptureCounters> check_capture(const std::string& path) {
  auto reader = CaptureReader::open(path);
  if (!reader) return reader.error();
  while (true) {
    DatagramBatch batch;
    const auto more = reader->read(batch);
    if (!more) return more.error();
    if (!*more) return reader->counters();
  }
}

}  // namespace weir
