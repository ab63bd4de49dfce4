// Writes the lines of the log, and decides when they are due.
#include "app/sender_watch.hpp"

#include "core/counted.hpp"

namespace weir {

namespace {
constexpr std::int64_t kEveryMs = 60'000;
constexpr std::uint64_t kManySenders = 20;  // a scanner that comes by is no news
}  // namespace

std::vector<std::string> SenderWatch::look(std::int64_t now_ms, const AllowedSenders& allowed,
                                           const ExporterTable& exporters, const DecodeCounters& decode) {
  if (now_ms >= told_ms_ && now_ms - told_ms_ < kEveryMs) return {};
  const Seen now{.not_allowed = allowed.refused(),
                 .turned_away = decode.senders_turned_away,
                 .refused = decode.senders_refused,
                 .displaced = exporters.displaced(),
                 .outbid = exporters.outbid(),
                 .unknown_drops = exporters.unknown_drops()};
  const bool first = told_ms_ < 0;
  const auto minutes =
      first ? std::string("since the start") : "in " + std::to_string((now_ms - told_ms_ + 30'000) / 60'000) + " min";
  std::vector<std::string> lines;
  if (const auto n = risen(now.not_allowed, told_.not_allowed)) {
    lines.push_back(counted(n, "datagram", "datagrams") + " " + minutes +
                    " came from senders that receive.allow does not name, lately from " +
                    allowed.last_refused().text());
  }
  if (const auto n = risen(now.turned_away, told_.turned_away); n >= kManySenders) {
    lines.push_back(std::to_string(n) + " senders " + minutes +
                    " sent no flow record that could be decoded, or too little to become exporters: spoofed? If your "
                    "exporters' networks are " +
                    "named in receive.allow, all others are refused at once");
  }
  if (const auto n = risen(now.refused, told_.refused)) {
    lines.push_back("new exporters were refused " + counted(n, "time", "times") + " " + minutes + ": all " +
                    std::to_string(exporters.max_exporters()) +
                    " places are taken by exporters that have flows stored (exporters.max). Forget those that are none "
                    "(weir console -c 'forget ADDRESS'), and name your networks in receive.allow");
  }
  if (const auto n = risen(now.displaced, told_.displaced)) {
    lines.push_back(counted(n, "exporter that was silent for long made room for a new one",
                            "exporters that were silent for long made room for new ones") +
                    " (exporters.max)");
  }
  if (const auto n = risen(now.outbid, told_.outbid)) {
    lines.push_back(std::to_string(n) + " exporters that came lately made room for new ones that send more: all " +
                    std::to_string(exporters.max_exporters()) +
                    " places are taken (exporters.max). Forged senders? Name your networks in receive.allow");
  }
  if (const auto n = risen(now.unknown_drops, told_.unknown_drops)) {
    lines.push_back(
        counted(n, "datagram of senders that are no exporters was", "datagrams of senders that are no exporters were") +
        " dropped " + minutes + ": they came faster than they could be looked at");
  }
  if (lines.empty()) return {};
  told_ = now;
  told_ms_ = now_ms;
  return lines;
}

}  // namespace weir
