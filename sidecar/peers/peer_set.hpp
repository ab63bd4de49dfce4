// The other collectors that peers.ask names. Made at the start, immutable; any thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "peers/peer.hpp"
#include "query/merged_answerer.hpp"

namespace weir {

class PeerSet {
 public:
  // `lines` as peers.ask has them; `folder`: what relative paths are taken from. Throws std::runtime_error that names
  // the line and what is wrong with it.
  PeerSet(const std::vector<std::string>& lines, std::int64_t timeout_ms, const std::string& folder,
          const Clock& clock);

  bool empty() const { return peers_.empty(); }
  std::vector<PeerStatus> status() const;
  // `own`, which decides whether a question is right, and the peers.
  std::vector<MergedAnswerer::Source> sources(Answerer& own) const;

 private:
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace weir
