// The templates of one domain, ready to decode with. Each source port has its own definition of an id: several devices
// behind one address and domain use the same ids for different layouts. A port that has announced nothing yet may use
// what another has, as exporters change their port; but only while there is one layout to choose from, and only after a
// trial (decode/layout_trial.hpp). A definition is compiled when the first data needs it: templates that nothing uses
// cost their octets. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <iterator>
#include <memory>
#include <unordered_map>
#include <vector>

#include "decode/record_plan.hpp"
#include "decode/template_record.hpp"

namespace weir {

struct Template {
  TemplateRecord record;  // without its wire octets: the definition has them
  RecordPlan plan;
  bool tells_names = false;  // options of interfaces, applications, VRFs, samplers
};

// One layout of one id; ports that announce the same share it.
struct TemplateDefinition {
  std::uint16_t version = 0;
  bool options = false;
  bool proven = false;      // it has decoded a record
  bool listed = false;      // others may use it
  std::uint32_t ports = 0;  // that have it
  std::int64_t used_ms = 0;
  std::int64_t booted_ms = 0;                // of the stream that announced it last; 0: not known
  std::vector<std::uint8_t> wire;            // the record's own octets
  std::unique_ptr<const Template> compiled;  // nullptr until data came

  const Template& layout();
};

// What a port knows of its definition.
enum class Standing : std::uint8_t {
  kAnnounced,  // since the exporter was started
  kRestored,   // an earlier run of the collector was told
  kOutdated,   // the exporter has been started anew since: it has to be announced again
};

struct PortTemplate {
  std::shared_ptr<TemplateDefinition> definition;
  std::int64_t used_ms = 0;
  std::int64_t booted_ms = 0;  // when its sender was started, as it was announced
  Standing standing = Standing::kAnnounced;
  bool saved = false;     // it has decoded a record, and was handed on to be kept over a restart
  bool insisted = false;  // announced again after sets that did not fit: what is left of them is padding of an odd kind
  std::uint16_t misfits = 0;  // sets in a row that did not fit
};

// What more an exporter may have.
struct TemplateRoom {
  std::uint32_t definitions = 0;
  std::uint64_t bytes = 0;
};

class TemplateStore {
 public:
  // kConfirmed: nothing new, but it had to be waited for.
  enum class Outcome : std::uint8_t { kUnchanged, kConfirmed, kNew, kFull };

  // By what a data set of a port may be decoded.
  struct Found {
    TemplateDefinition* definition = nullptr;  // nullptr: nothing; the set has to wait
    PortTemplate* own = nullptr;               // nullptr: it is another port's
    bool on_trial = false;                     // only if the records look like ones
  };

  // `booted_ms` is when the sender was started (Stream::booted_ms).
  Outcome add(const TemplateRecord& record, std::uint16_t port, std::int64_t booted_ms, std::int64_t now_ms,
              const TemplateRoom& room);
  // Puts back what was stored; false: there is no room.
  bool restore(const TemplateRecord& record, std::uint16_t port, std::int64_t booted_ms, const TemplateRoom& room);
  // The pointers hold until the next add or drop.
  Found find(std::uint16_t id, std::uint16_t port, std::int64_t booted_ms, std::int64_t now_ms);
  // For people: the definition that data of this port would be read by.
  TemplateDefinition* look(std::uint16_t id, std::uint16_t port);
  // The sender at `port` was started anew: what it announced before has to be announced again.
  void mark_outdated(std::uint16_t port);
  // How many layouts of `id` there are to choose from.
  std::size_t layouts(std::uint16_t id) const;
  // Forgets those not used since `unproven_before_ms` that have never decoded a record, and of the others those that
  // were neither announced nor used since `before_ms`; returns how many definitions went.
  std::uint32_t drop_idle(std::int64_t unproven_before_ms, std::int64_t before_ms);

  // Forgets those of a port for which goes(id, whether it is of options) is true.
  template <class F>
  void drop_port(std::uint16_t port, F&& goes) {
    for (auto at = by_port_.begin(); at != by_port_.end();) {
      const auto next = std::next(at);
      const auto id = static_cast<std::uint16_t>(at->first >> 16);
      if (static_cast<std::uint16_t>(at->first) == port && goes(id, at->second.definition->options)) drop(at);
      at = next;
    }
  }

  std::uint32_t size() const { return size_; }
  // What they take, compiled or not.
  std::uint64_t bytes() const { return bytes_; }

 private:
  using Shared = std::shared_ptr<TemplateDefinition>;
  struct Layouts {
    std::vector<Shared> listed;  // the one announced last comes first
    std::uint32_t unlisted = 0;  // past kMaxListed: only their own ports use them
  };

  Outcome put(const TemplateRecord& record, std::uint16_t port, std::int64_t booted_ms, std::int64_t now_ms,
              const TemplateRoom& room, Standing standing);
  void release(std::uint16_t id, const Shared& definition);
  void drop(std::unordered_map<std::uint32_t, PortTemplate>::iterator at);

  std::unordered_map<std::uint32_t, PortTemplate> by_port_;  // id and port
  std::unordered_map<std::uint16_t, Layouts> by_id_;
  std::uint32_t size_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace weir
