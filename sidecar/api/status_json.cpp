// One function per answer, in the order of the schemas' properties.
#include "api/status_json.hpp"

#include <algorithm>

#include "api/about_text.hpp"
#include "api/json_writer.hpp"
#include "flow/field_catalog.hpp"
#include "flow/field_labels.hpp"

namespace weir {
namespace {

constexpr std::size_t kListedUndecoded = 32;

template <class T>
void write_or_null(JsonWriter& w, std::string_view name, const std::optional<T>& value) {
  w.key(name);
  if (!value) w.null();
  else if constexpr (std::is_arithmetic_v<T>) w.number(*value);
  else w.text(to_valid_utf8(*value));
}

// The announced rate comes before the one that an operator set, as in queries.
void write_sampling(JsonWriter& w, const Exporter& exporter) {
  const auto announced = exporter.announced_sampling.load(), configured = exporter.configured_sampling.load();
  const auto rate = announced != 0 ? announced : configured;
  w.key("sampling").begin_object().key("rate");
  rate == 0 ? w.null() : w.number(rate);
  w.key("source").text(announced != 0 ? "announced" : configured != 0 ? "configured" : "unknown").end_object();
}

void write_exporter(JsonWriter& w, const ApiBackend& backend, const Exporter& e, std::int64_t now_ms) {
  const auto name = e.name.with([](const std::string& n) { return n; });
  w.begin_object()
      .key("address")
      .text(e.address.text())
      .key("name")
      .text(name.empty() ? e.address.text() : to_valid_utf8(name));
  const auto of_itself = [&](std::uint64_t id) {
    return e.told.with([&](const ToldNames& told) {
      const auto* text = told.find(ToldKind::kDevice, id);
      return text == nullptr ? std::nullopt : std::optional(*text);
    });
  };
  write_or_null(w, "told_name", of_itself(0));
  write_or_null(w, "told_system", of_itself(1));
  w.key("protocols").begin_array();
  for (const auto& protocol : protocol_names(e.protocols)) w.text(protocol);
  w.end_array();
  w.key("first_seen_ms").number(e.first_seen_ms.load()).key("last_seen_ms").number(e.last_seen_ms.load());
  w.key("datagrams").number(e.datagrams.load()).key("records").number(e.records.load());
  w.key("records_per_s").number(backend.records_per_s(e));
  w.key("lost").number(e.lost.load()).key("malformed").number(e.malformed.load());
  w.key("waiting_for_template").number(e.waiting_for_template.load());
  w.key("kernel_drops").number(e.kernel_drops.load()).key("queue_drops").number(e.queue_drops.load());
  w.key("time_repaired").number(e.time_repaired.load());
  w.key("duplicates").number(e.duplicates.load()).key("unsampled").number(e.unsampled.load());
  write_sampling(w, e);
  w.key("metering").text(kMeteringNames[static_cast<std::size_t>(e.metering.load())]).key("directions").begin_array();
  if ((e.directions & 1) != 0) w.text("ingress");
  if ((e.directions & 2) != 0) w.text("egress");
  w.end_array().key("left_out").number(e.left_out.load());
  w.key("domains").begin_array();
  for (const auto& d : e.domains.with([](const auto& domains) { return domains; })) {
    w.begin_object().key("domain").number(d.domain).key("port").number(d.port);
    w.key("sequence_lost")
        .number(d.sequence_lost)
        .key("templates")
        .number(d.templates)
        .key("devices")
        .number(d.devices)
        .end_object();
  }
  w.end_array().key("interfaces").begin_array();
  for (const auto& i : backend.interfaces(e)) {
    w.begin_object().key("index").number(i.index);
    write_or_null(w, "name", i.name);
    write_or_null(w, "alias", i.alias);
    write_or_null(w, "speed_bps", i.speed_bps);
    write_or_null(w, "snmp_ratio", i.snmp_ratio);
    write_or_null(w, "verdict", i.verdict);
    write_or_null(w, "flow_bps", i.flow_bps);
    w.end_object();
  }
  w.end_array().key("active").boolean(now_ms - e.last_seen_ms < kExporterActiveMs);
  w.key("device");
  const auto device = backend.device(e);
  if (device && !device->name.empty()) {
    w.begin_object()
        .key("hostid")
        .text(to_valid_utf8(device->hostid))
        .key("name")
        .text(to_valid_utf8(device->name))
        .end_object();
  } else {
    w.null();
  }
  write_or_null(w, "linked_hostid", device ? std::optional(device->hostid) : std::nullopt);
  w.end_object();
}

// `whole`: also the figures that tell of all exporters' traffic together.
void write_store(JsonWriter& w, const StoreStatus& store, const std::optional<std::int64_t>& full_in_ms, bool whole) {
  const bool holds = store.sessions + store.unsealed != 0;
  const auto when = [&](std::int64_t ms) { return holds ? std::optional(ms) : std::nullopt; };
  const auto figure = [&](std::string_view name, std::uint64_t value) {
    w.key(name);
    whole ? w.number(value) : w.null();
  };
  w.key("store").begin_object();
  figure("bytes", store.bytes);
  figure("days", store.days);
  write_or_null(w, "oldest_ms", when(store.oldest_ms));
  write_or_null(w, "newest_ms", when(store.newest_ms));
  figure("sessions", store.sessions);
  figure("segments", store.segments);
  figure("unsealed", store.unsealed);
  write_or_null(w, "full_in_ms", whole ? full_in_ms : std::nullopt);
  figure("max_bytes", store.max_bytes);
  figure("limit_bytes", store.limit_bytes);
  figure("free_bytes", store.free_bytes);
  figure("deleted_sessions", store.deleted_sessions);
  w.key("dropped_sessions").number(store.dropped_sessions);
  w.key("last_error")
      .text(whole                      ? to_valid_utf8(store.last_error)
            : store.last_error.empty() ? ""
                                       : "the disk refuses sessions");
  w.end_object().key("cache").begin_object();
  figure("bytes", store.cache_bytes);
  figure("max_bytes", store.cache_max_bytes);
  w.end_object();
}

void write_peer(JsonWriter& w, const PeerStatus& p) {
  const auto time_or_null = [&](std::string_view name, std::int64_t ms) {
    ms == 0 ? w.key(name).null() : w.key(name).number(ms);
  };
  w.begin_object().key("name").text(p.name).key("address").text(p.address).key("away").boolean(p.is_away());
  time_or_null("answered_ms", p.answered_ms);
  time_or_null("failed_ms", p.failed_ms);
  w.key("took_ms")
      .number(p.took_ms)
      .key("questions")
      .number(p.questions)
      .key("failures")
      .number(p.failures)
      .key("last_error");
  p.last_error.empty() ? w.null() : w.text(to_valid_utf8(p.last_error));
  w.end_object();
}

}  // namespace

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool may_see(const TokenClaims& claims, const IpAddress& address) {
  if (!claims.exporters) return true;
  return std::find(claims.exporters->begin(), claims.exporters->end(), address.text()) != claims.exporters->end();
}
bool may_see(const TokenClaims& claims, const Exporter& exporter) { return may_see(claims, exporter.address); }

std::string exporter_json(const ApiBackend& backend, const Exporter& exporter, std::int64_t now_ms) {
  JsonWriter w;
  write_exporter(w, backend, exporter, now_ms);
  return w.take();
}

std::string examination_json(const ExporterExamination& examination) {
  JsonWriter w;
  w.begin_object().key("checks").number(examination.checks).key("findings").begin_array();
  for (const auto& f : examination.findings) {
    w.begin_object()
        .key("what")
        .text(to_valid_utf8(f.what))
        .key("advice")
        .text(to_valid_utf8(f.advice))
        .key("note")
        .boolean(f.is_note)
        .end_object();
  }
  return w.end_array().end_object().take();
}

std::string exporters_json(ApiBackend& backend, const TokenClaims& claims, std::int64_t now_ms) {
  JsonWriter w;
  w.begin_object().key("exporters").begin_array();
  for (const auto* exporter : backend.exporters().all()) {
    if (may_see(claims, *exporter)) write_exporter(w, backend, *exporter, now_ms);
  }
  return w.end_array().end_object().take();
}

std::string status_json(ApiBackend& backend, const TokenClaims& claims, std::int64_t now_ms) {
  const auto status = backend.status();
  const auto all = backend.exporters().all();
  JsonWriter w;
  w.begin_object().key("version").text(status.version).key("build").text(status.build);
  w.key("started_ms").number(status.started_ms).key("now_ms").number(now_ms);
  w.key("uptime_ms").number(std::max<std::int64_t>(0, now_ms - status.started_ms));
  w.key("exporters").number(std::count_if(all.begin(), all.end(), [&](const auto* e) { return may_see(claims, *e); }));
  const bool whole = !claims.exporters;
  auto records_per_s = whole ? status.records_per_s : 0.0;
  for (const auto* e : all) {
    if (!whole && may_see(claims, *e)) records_per_s += backend.records_per_s(*e);
  }
  w.key("records_per_s").number(records_per_s);
  write_or_null(w, "datagrams_per_s", whole ? std::optional(status.datagrams_per_s) : std::nullopt);
  write_store(w, backend.store().status(), status.store_full_in_ms, whole);
  w.key("queues").begin_array();
  for (const auto& q : whole ? status.queues : std::vector<QueueStatus>{}) {
    w.begin_object().key("name").text(q.name).key("size").number(q.size).key("capacity").number(q.capacity);
    w.key("dropped").number(q.dropped).end_object();
  }
  w.end_array().key("last_errors").begin_array();
  // They name other exporters.
  for (const auto& e : whole ? status.last_errors : std::vector<RecentError>{}) {
    w.begin_object()
        .key("at_ms")
        .number(e.at_ms)
        .key("stage")
        .text(e.stage)
        .key("message")
        .text(to_valid_utf8(e.message))
        .end_object();
  }
  const auto path = [&](const std::string& file) { return to_valid_utf8(whole ? file : file_name(file)); };
  const auto trouble = [&](const std::optional<std::string>& error) {
    return whole || !error ? error : std::optional(kTroubleUntold);
  };
  const auto write_script = [&](const ServerPortsStatus& script) {
    w.begin_object().key("file").text(path(script.file));
    write_or_null(w, "loaded_ms", script.loaded_ms);
    w.key("count").number(script.count);
    write_or_null(w, "error", trouble(script.error));
    w.end_object();
  };
  const auto senders = backend.senders();
  std::uint64_t undecoded = 0;
  for (const auto& s : senders.undecoded) undecoded += may_see(claims, s.address) ? s.datagrams : 0;
  w.end_array()
      .key("not_decoded")
      .begin_object()
      .key("datagrams")
      .number(whole ? senders.not_decoded : undecoded)
      .key("senders")
      .begin_array();
  std::size_t listed = 0;
  for (const auto& s : senders.undecoded) {
    if (!may_see(claims, s.address) || ++listed > kListedUndecoded) continue;
    w.begin_object()
        .key("address")
        .text(s.address.text())
        .key("port")
        .number(s.port)
        .key("what")
        .text(s.what)
        .key("hint")
        .text(s.hint);
    w.key("datagrams")
        .number(s.datagrams)
        .key("first_ms")
        .number(s.first_ms)
        .key("last_ms")
        .number(s.last_ms)
        .end_object();
  }
  w.end_array().end_object().key("state_files").begin_array();
  for (const auto& f : claims.exporters ? std::vector<KeptDatabaseStatus>{} : status.state_files) {
    w.begin_object().key("path").text(to_valid_utf8(f.path)).key("refusal");
    f.refusal.empty() ? w.null() : w.text(to_valid_utf8(f.refusal));
    w.key("refused_since_ms");
    f.refusal.empty() ? w.null() : w.number(f.refused_since_ms);
    w.key("renewals").number(f.renewals).key("renewed_ms");
    f.renewals == 0 ? w.null() : w.number(f.renewed_ms);
    w.key("renewal");
    f.renewals == 0 ? w.null() : w.text(to_valid_utf8(f.renewal));
    w.end_object();
  }
  w.end_array().key("peers").begin_array();
  for (const auto& p : claims.exporters ? std::vector<PeerStatus>{} : backend.peers()) write_peer(w, p);
  w.end_array().key("server_ports");
  write_script(status.server_ports);
  w.key("name_scripts").begin_array();
  for (const auto& script : status.name_scripts) write_script(script);
  w.end_array().key("address_databases").begin_array();
  for (const auto& database : status.address_databases) {
    w.begin_object()
        .key("word")
        .text(database.word)
        .key("what")
        .text(database.what)
        .key("setting")
        .text(database.setting)
        .key("file")
        .text(path(database.file));
    write_or_null(w, "loaded_ms", database.loaded_ms);
    w.key("type").text(to_valid_utf8(database.type));
    write_or_null(w, "built_ms", database.built_ms);
    write_or_null(w, "error", trouble(database.error));
    w.end_object();
  }
  w.end_array();
  const auto restart = backend.restart_reason();
  write_or_null(w, "restart_reason", restart.empty() || !whole ? std::nullopt : std::optional(restart));
  return w.end_object().take();
}

std::string about_json(const AboutReport& about, const TokenClaims& claims) {
  JsonWriter w;
  const auto pairs = [&](std::string_view name, const auto& list) {
    w.key(name).begin_object();
    for (const auto& [key, value] : list) w.key(key).text(to_valid_utf8(value));
    w.end_object();
  };
  const auto detail = about_detail(claims);
  w.begin_object()
      .key("text")
      .text(to_valid_utf8(about_text(about, detail)))
      .key("version")
      .text(about.version)
      .key("build")
      .text(about.build);
  pairs("libraries", about.libraries);
  w.key("os").text(to_valid_utf8(about.os));
  pairs("settings_changed", told_settings(about, detail));
  return w.end_object().take();
}

std::string settings_json(const SettingsReport& report) {
  JsonWriter w;
  const auto value = [&](const SettingReport::Value& v) {
    if (const auto* number = std::get_if<std::int64_t>(&v)) w.number(*number);
    else if (const auto* flag = std::get_if<bool>(&v)) w.boolean(*flag);
    else if (const auto* text = std::get_if<std::string>(&v)) w.text(to_valid_utf8(*text));
    else {
      w.begin_array();
      for (const auto& item : std::get<std::vector<std::string>>(v)) w.text(to_valid_utf8(item));
      w.end_array();
    }
  };
  w.begin_object().key("file");
  report.file.empty() ? w.null() : w.text(to_valid_utf8(report.file));
  w.key("settings").begin_array();
  for (const auto& s : report.settings) {
    w.begin_object().key("key").text(s.key).key("value");
    value(s.value);
    w.key("default");
    value(s.fallback);
    w.key("changed")
        .boolean(s.value != s.fallback)
        .key("allowed")
        .text(s.allowed)
        .key("description")
        .text(s.description)
        .end_object();
  }
  return w.end_array().end_object().take();
}

std::string fields_json() {
  JsonWriter w;
  w.begin_object().key("fields").begin_array();
  for (const auto& field : kFields) {
    w.begin_object()
        .key("name")
        .text(field.word)
        .key("label")
        .text(field_label(field.id))
        .key("type")
        .text(field.type_word)
        .key("unit");
    field.unit.empty() ? w.null() : w.text(field.unit);
    w.key("filter")
        .boolean(field.filter)
        .key("group_by")
        .boolean(field.group_by)
        .key("either_end")
        .boolean(field.either_end);
    w.key("description").text(field.description).end_object();
  }
  return w.end_array().end_object().take();
}

std::string login_json(const TokenClaims& claims, const std::string& version) {
  JsonWriter w;
  w.begin_object().key("user");
  claims.user.empty() ? w.null() : w.text(claims.user);
  w.key("role").text(role_name(claims.role)).key("expires_ms").number(claims.expires_ms).key("exporters");
  if (claims.exporters) {
    w.begin_array();
    for (const auto& address : *claims.exporters) w.text(address);
    w.end_array();
  } else {
    w.null();
  }
  return w.key("version").text(version).end_object().take();
}

}  // namespace weir
