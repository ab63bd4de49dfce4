// The templates of one domain, ready to decode with. An id may have several definitions at once: two exporters behind
// one address and domain are told apart by source port once their templates disagree; before that the port does not
// matter, because exporters change it. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "decode/record_plan.hpp"
#include "decode/template_record.hpp"

namespace weir {

struct Template {
  TemplateRecord record;
  RecordPlan plan;
};

class TemplateStore {
 public:
  enum class Outcome : std::uint8_t { kUnchanged, kNew, kFull };

  // Takes `record` over when it says something new. `room` is how many more definitions the exporter may have.
  Outcome add(TemplateRecord& record, std::uint16_t port, std::int64_t now_ms, std::uint32_t room);
  // The definition of `id` for data from `port`: that port's own, else the one announced last; nullptr: none. The
  // pointer holds until the next add, withdraw or drop_idle.
  const Template* find(std::uint16_t id, std::uint16_t port, std::int64_t now_ms);
  void withdraw(std::uint16_t id);
  // Withdraws all templates, or all options templates (RFC 7011 8.1).
  void withdraw_all(bool options);
  // Forgets what was neither announced nor used since `before_ms`; returns how many.
  std::uint32_t drop_idle(std::int64_t before_ms);

  std::uint32_t size() const { return size_; }
  // Whether `id` has several definitions, told apart by port.
  bool by_port(std::uint16_t id) const;

 private:
  struct Definition {
    std::uint16_t port = 0;  // that announced it last
    std::int64_t used_ms = 0;
    std::unique_ptr<const Template> content;
  };
  // The one announced last comes first.
  using Definitions = std::vector<Definition>;
  template <class F>
  void forget_if(F&& unwanted);

  std::unordered_map<std::uint16_t, Definitions> by_id_;
  std::uint32_t size_ = 0;
};

}  // namespace weir
