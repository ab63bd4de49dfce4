// tap: flow records as they are decoded, before they become sessions.
#include <charconv>

#include "api/json_writer.hpp"
#include "console/console_call.hpp"
#include "console/plain_text.hpp"
#include "core/hex_text.hpp"
#include "core/rfc3339.hpp"
#include "flow/lone_session.hpp"
#include "query/row_filter.hpp"

namespace weir {

namespace {

constexpr std::int64_t kTapPatienceMs = 10'000;  // of someone who types
constexpr std::int64_t kTapPollMs = 1'000;       // of a program, which asks again
constexpr std::size_t kTapTyped = 50, kTapPolled = 1'000;

struct TapOrder {
  bool json = false;
  std::optional<std::uint64_t> after;  // a program asks for what came since
  std::string_view filter;
};

Result<TapOrder> read_tap_order(std::string_view text) {
  TapOrder order;
  for (std::string_view rest = text; !rest.empty();) {
    const auto word = take_word(rest);
    if (word == "json") {
      order.json = true;
    } else if (word == "after") {
      const auto number = take_word(rest);
      std::uint64_t after = 0;
      const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), after);
      if (failed != std::errc{} || end != number.data() + number.size())
        return error("after needs a number: 0, or the one behind \"next\" of the last answer");
      order.after = after;
    } else {
      break;
    }
    text = rest;
  }
  order.filter = text;
  return order;
}

// Members of a record that no stage knows the meaning of, as far as they were given: f(name, number) or f(name, text).
template <class F>
void each_given(const FlowRecord& record, F&& f) {
  static const FlowRecord kNothing;
  std::vector<std::uint64_t> unset;
  const auto number_of = [](const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, IpAddress>) return std::uint64_t{0};
    else return static_cast<std::uint64_t>(value);
  };
  each_carried(kNothing, [&](const char*, const auto& value) { unset.push_back(number_of(value)); });
  std::size_t i = 0;
  each_carried(record, [&](const char* name, const auto& value) {
    const auto nothing = unset[i++];
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, IpAddress>) {
      if (!value.is_unset()) f(name, value.text());
    } else if (number_of(value) != nothing) {
      if (std::string_view(name).ends_with("_mac")) f(name, mac_text(number_of(value)));
      else f(name, number_of(value));
    }
  });
}

std::string exporter_of_record(const ConsoleCall& call, const FlowRecord& r) {
  const auto* exporter = call.backend().exporters().find(r.exporter);
  return exporter == nullptr ? std::to_string(r.exporter) : exporter->address.text();
}

std::string record_line(const ConsoleCall& call, const TappedRecord& tapped) {
  const auto& r = tapped.record;
  const auto time = rfc3339_text(tapped.at_ms);
  std::string text = time.substr(time.find('T') + 1) + " " + exporter_of_record(call, r) + " " +
                     protocol_text(r.protocol) + " " + end_text(r.src, r.src_port) + " > " +
                     end_text(r.dst, r.dst_port) + " octets " + std::to_string(r.octets) + " packets " +
                     std::to_string(r.packets);
  if (r.has_reverse) text += " back " + std::to_string(r.reverse_octets) + " " + std::to_string(r.reverse_packets);
  text += " lasted " + duration_text(r.end_ms - r.start_ms);
  if (tapped.at_ms - r.end_ms > 1000) text += " ended " + ago_text(r.end_ms, tapped.at_ms);
  if (r.sampling > 1) text += " sampled 1:" + std::to_string(r.sampling);
  each_given(r, [&](std::string_view name, const auto& value) {
    text += " " + std::string(name) + " ";
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) text += value;
    else text += std::to_string(value);
  });
  return clean_text(text);
}

std::string record_json(const ConsoleCall& call, const TappedRecord& tapped) {
  const auto& r = tapped.record;
  JsonWriter w;
  w.begin_object().key("at_ms").number(tapped.at_ms).key("exporter").text(exporter_of_record(call, r));
  w.key("src")
      .text(r.src.text())
      .key("dst")
      .text(r.dst.text())
      .key("src_port")
      .number(r.src_port)
      .key("dst_port")
      .number(r.dst_port);
  w.key("protocol").number(r.protocol).key("octets").number(r.octets).key("packets").number(r.packets);
  if (r.has_reverse) w.key("reverse_octets").number(r.reverse_octets).key("reverse_packets").number(r.reverse_packets);
  w.key("start_ms")
      .number(r.start_ms)
      .key("end_ms")
      .number(r.end_ms)
      .key("sampling")
      .number(r.sampling)
      .key("quality")
      .number(r.quality);
  each_given(r, [&](std::string_view name, const auto& value) {
    w.key(name);
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) w.text(value);
    else w.number(value);
  });
  return w.end_object().take();
}

std::vector<ExporterName> exporter_names(const ConsoleCall& call) {
  std::vector<ExporterName> names;
  for (const auto* e : call.backend().exporters().known()) {
    names.push_back(
        {.id = e->id, .address = e->address, .name = exporter_name(*e), .configured_sampling = e->configured_sampling});
  }
  return names;
}

}  // namespace

std::string tap_command(const ConsoleCall& call) {
  const auto order = read_tap_order(call.arguments);
  if (!order) return not_understood(order.error().message);
  const auto filter =
      RowFilter::make(order->filter, call.now_ms(), exporter_names(call), call.backend().derived_sources());
  if (!filter) return query_mistake(call, filter.error(), order->filter, false);

  std::string text;
  std::size_t shown = 0;
  std::uint64_t missed = 0, next = order->after.value_or(0);
  const std::size_t most = order->after ? kTapPolled : kTapTyped;
  const std::int64_t patience_ms = order->after ? kTapPollMs : kTapPatienceMs;
  const std::int64_t until_ms = call.services.clock.steady_ms() + patience_ms;
  // What the filter leaves out may hide what it lets through.
  for (std::int64_t left_ms = patience_ms;
       shown == 0 && left_ms > 0 && (call.cancelled == nullptr || !*call.cancelled);) {
    const auto tapped = call.backend().tap(next, most, left_ms, call.cancelled);
    missed += tapped.missed;
    next = tapped.next;
    std::vector<Session> sessions;
    for (const auto& t : tapped.records) sessions.push_back(lone_session(t.record));
    const auto passes = filter->passes(sessions);
    for (std::size_t i = 0; i < passes.size(); ++i) {
      if (!passes[i]) continue;
      ++shown;
      text += (order->json ? record_json(call, tapped.records[i]) : record_line(call, tapped.records[i])) + "\n";
    }
    left_ms = until_ms - call.services.clock.steady_ms();
  }
  if (order->after) return text + "next " + std::to_string(next) + " missed " + std::to_string(missed) + "\n";
  if (shown == 0)
    return "No record" + std::string(order->filter.empty() ? "" : " that passes the filter") +
           " was decoded within 10 s. Who sends, and what is not decoded: flows\n";
  return text;
}

}  // namespace weir
