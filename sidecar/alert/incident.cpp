// Writes and reads the JSON of an incident: in the queue, and for webhooks.
#include "alert/incident.hpp"

#include <boost/json.hpp>

#include "alert/alert_text.hpp"

namespace weir {

namespace json = boost::json;

namespace {
constexpr std::size_t kMaxTextBytes = 8192;
// Rules' names and labels are bytes of a script: what is written must be read again.
std::string clean(const std::string& text) { return plain_line(text, kMaxTextBytes); }
}  // namespace

std::string incident_json(const Incident& i) {
  json::object labels;
  for (const auto& [name, value] : i.labels) labels[clean(name)] = clean(value);
  return json::serialize(json::object{{"id", clean(i.id)},
                                      {"rule", clean(i.rule)},
                                      {"key", clean(i.key)},
                                      {"title", clean(i.title)},
                                      {"message", clean(i.message)},
                                      {"filter", clean(i.filter)},
                                      {"link", clean(i.link)},
                                      {"monitor_host", clean(i.monitor_host)},
                                      {"value", clean(i.value)},
                                      {"exporter", clean(i.exporter)},
                                      {"severity", severity_name(i.severity)},
                                      {"state", i.state == Incident::State::kFiring ? "firing" : "resolved"},
                                      {"since_ms", i.since_ms},
                                      {"fired_ms", i.fired_ms},
                                      {"resolved_ms", i.resolved_ms},
                                      {"from_ms", i.window.from_ms},
                                      {"to_ms", i.window.to_ms},
                                      {"acknowledged_ms", i.acknowledged_ms},
                                      {"acknowledged_by", clean(i.acknowledged_by)},
                                      {"labels", labels},
                                      {"group", clean(i.group)}});
}

Incident parse_incident(const std::string& text) {
  const auto value = json::parse(text);
  const auto& o = value.as_object();
  const auto words = [&](const char* key) { return std::string(o.at(key).as_string()); };
  // Incidents of the first version lack them.
  const auto words_if_any = [&](const char* key) { return o.contains(key) ? words(key) : std::string(); };
  const auto number = [&](const char* key) { return o.at(key).to_number<std::int64_t>(); };
  Incident i{.id = words("id"),
             .rule = words("rule"),
             .key = words("key"),
             .title = words("title"),
             .message = words("message"),
             .filter = words("filter"),
             .link = words("link"),
             .monitor_host = words("monitor_host"),
             .value = words_if_any("value"),
             .exporter = words_if_any("exporter"),
             .since_ms = number("since_ms"),
             .fired_ms = number("fired_ms"),
             .resolved_ms = number("resolved_ms"),
             .window = {.from_ms = number("from_ms"), .to_ms = number("to_ms")},
             .acknowledged_ms = number("acknowledged_ms"),
             .acknowledged_by = words("acknowledged_by"),
             .labels = {},
             .group = words("group")};
  for (std::size_t s = 0; s < std::size(kSeverityNames); ++s) {
    if (words("severity") == kSeverityNames[s]) i.severity = static_cast<Severity>(s);
  }
  i.state = words("state") == "firing" ? Incident::State::kFiring : Incident::State::kResolved;
  for (const auto& [name, text_value] : o.at("labels").as_object())
    i.labels[std::string(name)] = std::string(text_value.as_string());
  return i;
}

}  // namespace weir
