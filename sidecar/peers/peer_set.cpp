// Names tell the peers apart, so each is given once.
#include "peers/peer_set.hpp"

#include <algorithm>
#include <stdexcept>

namespace weir {

PeerSet::PeerSet(const std::vector<std::string>& lines, std::int64_t timeout_ms, const std::string& folder,
                 const Clock& clock) {
  std::vector<std::string> addresses;
  for (const auto& line : lines) {
    auto settings = parse_peer(line, folder);
    if (!settings) throw std::runtime_error("peers.ask: \"" + line + "\": " + settings.error().message);
    settings->timeout_ms = timeout_ms;
    const bool known =
        std::any_of(peers_.begin(), peers_.end(), [&](const auto& peer) { return peer->name() == settings->name; });
    if (known)
      throw std::runtime_error("peers.ask: \"" + line + "\": another peer is called " + settings->name +
                               "; give each a name of its own");
    const auto address = settings->url.to.text() + settings->url.path;
    if (std::find(addresses.begin(), addresses.end(), address) != addresses.end())
      throw std::runtime_error("peers.ask: \"" + line + "\": another peer has this URL; its flows would count twice");
    addresses.push_back(address);
    peers_.push_back(std::make_unique<Peer>(*std::move(settings), clock));
  }
}

std::vector<PeerStatus> PeerSet::status() const {
  std::vector<PeerStatus> all;
  for (const auto& peer : peers_) all.push_back(peer->status());
  return all;
}

std::vector<MergedAnswerer::Source> PeerSet::sources(Answerer& own) const {
  std::vector<MergedAnswerer::Source> sources{{.name = "", .answerer = &own}};
  for (const auto& peer : peers_) sources.push_back({.name = peer->name(), .answerer = peer.get()});
  return sources;
}

}  // namespace weir
