// An alert as it is kept, listed and delivered. Plain values.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "alert/rule.hpp"

namespace weir {

struct Incident {
  enum class State : std::uint8_t { kFiring = 1, kResolved = 2 };  // stored: numbers never change meaning
  std::string id;  // 16 hexadecimal digits; the same in every message about it
  std::string rule, key, title, message, filter, link, monitor_host;
  std::string value;     // "412 Mbit/s": what the rule judged, when it fired; "": not known
  std::string exporter;  // address, when the key names one
  Severity severity = Severity::kWarning;
  State state = State::kFiring;
  std::int64_t since_ms = 0, fired_ms = 0, resolved_ms = 0;  // event time
  TimeRange window;                                          // that fired
  std::int64_t acknowledged_ms = 0;                          // 0: not
  std::string acknowledged_by;
  std::map<std::string, std::string> labels;
  std::string group;      // the incident that speaks for this one in a storm; "": none
  bool silenced = false;  // when asked for
};

struct Silence {
  std::int64_t id = 0;
  std::string rule, key;  // "": any
  std::int64_t until_ms = 0;
  std::string by, comment;
};

// What is delivered: an incident opening or closing.
struct Notification {
  std::int64_t delivery = 0;  // number of the message; the same when it is sent again
  bool opens = true;
  std::int64_t at_ms = 0;
  std::uint32_t attempts = 0;  // made before
  Incident incident;
};

std::string incident_json(const Incident& incident);
Incident parse_incident(const std::string& json);  // of incident_json

}  // namespace weir
