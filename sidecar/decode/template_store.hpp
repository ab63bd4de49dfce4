// The templates of one domain, ready to decode with. An id may have several definitions at once: two exporters behind
// one address and domain are told apart by source port once their templates disagree; before that the port does not
// matter, because exporters change it. A definition is compiled when the first data needs it: templates that nothing
// uses cost their octets. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "decode/record_plan.hpp"
#include "decode/template_record.hpp"

namespace weir {

struct Template {
  TemplateRecord record;  // without its wire octets: the definition has them
  RecordPlan plan;
};

struct TemplateDefinition {
  std::uint16_t port = 0;  // that announced it last
  std::uint16_t version = 0;
  bool options = false;
  bool saved = false;      // it has decoded a record, and was handed on to be kept over a restart
  bool proven = false;     // it has decoded a record
  std::int64_t used_ms = 0;
  std::vector<std::uint8_t> wire;            // the record's own octets
  std::unique_ptr<const Template> compiled;  // nullptr until data came

  const Template& layout();
};

// What more an exporter may have.
struct TemplateRoom {
  std::uint32_t definitions = 0;
  std::uint64_t bytes = 0;
};

class TemplateStore {
 public:
  enum class Outcome : std::uint8_t { kUnchanged, kNew, kFull };

  Outcome add(const TemplateRecord& record, std::uint16_t port, std::int64_t now_ms, const TemplateRoom& room);
  // The definition of `id` for data from `port`: that port's own, else the one announced last; nullptr: none. The
  // pointer holds until the next add or drop.
  TemplateDefinition* find(std::uint16_t id, std::uint16_t port, std::int64_t now_ms);
  // Forgets those not used since `unproven_before_ms` that have never decoded a record, and of the others those that were
  // neither announced nor used since `before_ms`; returns how many.
  std::uint32_t drop_idle(std::int64_t unproven_before_ms, std::int64_t before_ms);

  std::uint32_t size() const { return size_; }
  // What they take, compiled or not.
  std::uint64_t bytes() const { return bytes_; }
  // Whether `id` has several definitions, told apart by port.
  bool by_port(std::uint16_t id) const;

 private:
  // The one announced last comes first.
  using Definitions = std::vector<TemplateDefinition>;

  std::unordered_map<std::uint16_t, Definitions> by_id_;
  std::uint32_t size_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace weir
