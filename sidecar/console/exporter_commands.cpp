// flows, exporter, interfaces, templates.
#include <algorithm>
#include <charconv>
#include <cstdio>

#include "api/status_json.hpp"
#include "console/console_call.hpp"
#include "console/plain_text.hpp"
#include "core/counted.hpp"
#include "query/filter_lexer.hpp"

namespace weir {

namespace {

constexpr std::uint32_t kTracedDatagrams = 3, kMaxTracedDatagrams = 20;
constexpr std::size_t kNamedInMistake = 10;  // exporters that a mistyped name is answered with

std::string protocols_text(const Exporter& exporter) {
  std::string text;
  for (const auto& name : protocol_names(exporter.protocols)) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::vector<DomainStatus> domains_of(const Exporter& exporter) {
  return exporter.domains.with([](const auto& domains) { return domains; });
}

std::uint64_t template_count(const Exporter& exporter) {
  std::uint64_t count = 0;
  for (const auto& domain : domains_of(exporter)) count += domain.templates;
  return count;
}

std::string ratio_text(double ratio) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", ratio);
  return text;
}

// What the monitor calls it; "" when it knows no such device.
std::string device_text(const ConsoleCall& call, const Exporter& exporter) {
  const auto device = call.backend().device(exporter);
  return device ? device->name : "";
}

std::string line(const std::string& name, const std::string& value) {
  return "  " + name + std::string(name.size() < 24 ? 24 - name.size() : 1, ' ') +
         (value.empty() ? "-" : clean_text(value)) + "\n";
}

// Who sends what is not decoded.
std::string undecoded_text(const UnknownSenders& senders, std::int64_t now_ms) {
  if (senders.not_decoded == 0) return "";
  constexpr std::size_t kShown = 5;
  std::string text = counted_text(senders.not_decoded, "datagram", "datagrams") + " of no protocol that is decoded:\n";
  for (std::size_t i = 0; i < std::min(senders.undecoded.size(), kShown); ++i) {
    const auto& s = senders.undecoded[i];
    text += "  " + s.address.text() + " to port " + std::to_string(s.port) + ", " + s.what + ": " +
            counted_text(s.datagrams, "datagram", "datagrams") + ", last " + ago_text(s.last_ms, now_ms) + "; " +
            s.hint + "\n";
  }
  if (senders.undecoded.size() > kShown)
    text += "  and " + counted(senders.undecoded.size() - kShown, "more sender", "more senders") + "\n";
  return text;
}

}  // namespace

std::string exporter_name(const Exporter& exporter) {
  return exporter.name.with([](const std::string& name) { return name; });
}

std::string exporter_title(const Exporter& exporter) {
  const auto name = exporter_name(exporter);
  return name.empty() ? exporter.address.text() : clean_text(name) + " (" + exporter.address.text() + ")";
}

std::string sampling_text(const Exporter& exporter) {
  const auto announced = exporter.announced_sampling.load(), configured = exporter.configured_sampling.load();
  if (announced != 0) return "1 in " + std::to_string(announced) + ", announced";
  if (configured != 0) return "1 in " + std::to_string(configured) + ", configured";
  return "unknown";
}

std::string metering_text(const Exporter& exporter) {
  const auto metering = exporter.metering.load();
  const std::string name = kMeteringNames[static_cast<std::size_t>(metering)];
  const std::uint64_t left_out = exporter.left_out;
  switch (metering) {
    case Metering::kAuto: return name + ", what was metered twice counts once";
    case Metering::kIngress:
    case Metering::kEgress:
      return name + " alone, " + counted(left_out, "record", "records") + " of the other direction left out";
    case Metering::kBoth: return name + ", flows count as often as they were metered";
  }
  return name;
}

Exporter* find_named_exporter(const ConsoleCall& call, std::string_view command, std::string& failure) {
  if (call.arguments.empty()) {
    failure = not_understood(std::string(command) + " needs an exporter: " + std::string(command) +
                             " ADDRESS, or its name; flows lists them");
    return nullptr;
  }
  if (const auto address = parse_ip_address(call.arguments)) {
    if (auto* exporter = call.backend().exporters().find(*address)) return exporter;
  }
  const auto wanted = lower_case(call.arguments);
  std::string known;
  std::size_t named = 0;
  for (auto* exporter : call.backend().exporters().all()) {
    const auto name = exporter_name(*exporter);
    if (lower_case(name) == wanted) return exporter;
    if (++named <= kNamedInMistake)
      known +=
          (known.empty() ? "" : ", ") + exporter->address.text() + (name.empty() ? "" : " (" + clean_text(name) + ")");
  }
  if (named > kNamedInMistake) known += ", and " + std::to_string(named - kNamedInMistake) + " more";
  failure = not_done("no exporter '" + std::string(call.arguments) + "' has sent anything; " +
                     (named == 0 ? "none has" : "these have: " + known));
  return nullptr;
}

std::string flows_command(const ConsoleCall& call) {
  const auto now = call.now_ms();
  auto& backend = call.backend();
  const auto status = backend.status();
  TextTable table({"exporter", "name", "device", "version", "last seen", ">datagrams", ">records", ">records/s",
                   ">lost", ">malformed", ">no template", ">drops", "sampling"});
  std::size_t active = 0;
  const auto all = backend.exporters().all();
  for (const auto* e : all) {
    active += now - e->last_seen_ms < kExporterActiveMs;
    table.row({e->address.text(), exporter_name(*e), device_text(call, *e), protocols_text(*e),
               ago_text(e->last_seen_ms, now), count_text(e->datagrams), count_text(e->records),
               rate_text(backend.records_per_s(*e)), count_text(e->lost), count_text(e->malformed),
               count_text(e->waiting_for_template), count_text(e->kernel_drops + e->queue_drops), sampling_text(*e)});
  }
  std::string text = utc_text(now) + ", Weir " + status.version + ": " + counted(all.size(), "exporter", "exporters") +
                     ", " + std::to_string(active) + " heard in the last " + duration_text(kExporterActiveMs) + ", " +
                     rate_text(status.records_per_s) + " records/s in " + rate_text(status.datagrams_per_s) +
                     " datagrams/s\n";
  const auto senders = backend.senders();
  if (senders.refused != 0) {
    text += counted_text(senders.refused, "datagram", "datagrams") + " of new exporters refused: all " +
            std::to_string(backend.exporters().max_exporters()) + " places are taken (exporters.max)\n";
  }
  if (senders.waiting != 0)
    text += counted_text(senders.waiting, "sender has", "senders have") +
            " not yet sent enough to be exporters (exporters.admit_datagrams)\n";
  if (senders.not_allowed != 0) {
    text += counted_text(senders.not_allowed, "datagram", "datagrams") +
            " of senders that receive.allow does not name, lately " + senders.last_not_allowed.text() + "\n";
  }
  text += undecoded_text(senders, now);
  if (all.empty() && senders.not_decoded != 0) return text + "No exporter has sent flows that can be decoded yet.\n";
  if (all.empty())
    return text +
           "No exporter has sent anything yet: point one at this machine, UDP port 2055 unless receive.listen says "
           "otherwise.\n";
  return text + table.text();
}

SequenceUnits sequence_units(const Exporter& e) {
  const bool datagrams = (e.protocols & kDatagramSequences) != 0, records = (e.protocols & kRecordSequences) != 0;
  if (datagrams && !records) return {.one = "datagram", .name = "datagrams", .came = e.datagrams};
  return {.one = datagrams ? "datagram (NetFlow v9, sFlow) or record" : "record",
          .name = datagrams ? "datagrams (NetFlow v9, sFlow) and records" : "records",
          .came = e.records + e.options_records};
}

std::string exporter_command(const ConsoleCall& call) {
  std::string failure;
  const auto* e = find_named_exporter(call, "exporter", failure);
  if (e == nullptr) return failure;
  const auto now = call.now_ms();
  const auto seen = [&](std::int64_t at) {
    return at == 0 ? std::string("never") : utc_text(at) + ", " + ago_text(at, now);
  };
  std::string text = exporter_title(*e) + "\n";
  text += line("device in the monitor", device_text(call, *e));
  const auto told = [&](std::uint64_t id) {
    return e->told.with([&](const ToldNames& names) {
      const auto* known = names.find(ToldKind::kDevice, id);
      return known == nullptr ? std::string() : *known;
    });
  };
  if (!told(0).empty()) text += line("calls itself", told(0));
  if (!told(1).empty()) text += line("runs", told(1));
  text += line("version", protocols_text(*e)) + line("first seen", seen(e->first_seen_ms)) +
          line("last seen", seen(e->last_seen_ms));
  text += line("datagrams", std::to_string(e->datagrams)) + line("records", std::to_string(e->records)) +
          line("records/s", rate_text(call.backend().records_per_s(*e)));
  text += line("options records", std::to_string(e->options_records));
  if ((e->protocols & kProtocolSflow) != 0) {
    text += line("samples lost", std::to_string(e->samples_lost)) +
            line("samples dropped", std::to_string(e->samples_dropped) + " by the agent, as it says");
  }
  text +=
      line("octets, as exported", std::to_string(e->octets)) + line("packets, as exported", std::to_string(e->packets));
  text += line("sampling", sampling_text(*e));
  text += line("directions that count", metering_text(*e));
  text += line("lost by sequence", std::to_string(e->lost) + " " + sequence_units(*e).name) +
          line("malformed", std::to_string(e->malformed)) + line("records refused", std::to_string(e->rejected));
  text += line("sets without template", std::to_string(e->waiting_for_template));
  text += line("dropped by the kernel", std::to_string(e->kernel_drops)) +
          line("dropped by our queue", std::to_string(e->queue_drops));
  text += line("times repaired", std::to_string(e->time_repaired));
  text += line("datagrams that came twice", std::to_string(e->duplicates)) +
          line("records at an unknown rate", std::to_string(e->unsampled));
  text +=
      line("domains", std::to_string(domains_of(*e).size())) + line("templates", std::to_string(template_count(*e)));
  text += line("interfaces known", std::to_string(call.backend().interfaces(*e).size()));
  return text;
}

std::string forget_command(const ConsoleCall& call) {
  std::string failure;
  auto* e = find_named_exporter(call, "forget", failure);
  if (e == nullptr) return failure;
  if (!e->has_place()) return not_done(exporter_title(*e) + " is forgotten already");
  const auto title = exporter_title(*e);
  if (const auto kept = call.backend().forget_exporter(*e); !kept) return not_done(kept.error().message);
  return title +
         " is forgotten: it takes no place, its templates are gone. Its stored sessions stay. If it sends again, it "
         "comes back.\n";
}

std::string metering_command(const ConsoleCall& call) {
  auto named = call;
  std::optional<Metering> wanted;
  if (const auto blank = call.arguments.find_last_of(" \t"); blank != std::string_view::npos) {
    wanted = parse_metering(call.arguments.substr(blank + 1));
    if (wanted) named.arguments = call.arguments.substr(0, call.arguments.find_last_not_of(" \t", blank) + 1);
  }
  std::string failure;
  auto* e = find_named_exporter(named, "metering", failure);
  if (e == nullptr) return failure;
  if (wanted) {
    if (const auto kept = call.backend().set_exporter(*e, {.name = {}, .sampling = {}, .metering = *wanted}); !kept)
      return not_done(kept.error().message);
  }
  return exporter_title(*e) + ": " + metering_text(*e) + "\n";
}

std::string interfaces_command(const ConsoleCall& call) {
  std::string failure;
  const auto* e = find_named_exporter(call, "interfaces", failure);
  if (e == nullptr) return failure;
  TextTable table({">index", "name", "alias", ">speed", ">flows/SNMP", "verdict"});
  for (const auto& i : call.backend().interfaces(*e)) {
    table.row({std::to_string(i.index), i.name.value_or(""), i.alias.value_or(""),
               i.speed_bps ? count_text(*i.speed_bps) + "bit/s" : "", i.snmp_ratio ? ratio_text(*i.snmp_ratio) : "",
               i.verdict.value_or("")});
  }
  if (table.empty())
    return "No interface of " + exporter_title(*e) +
           " has a name here: neither the exporter nor the monitor told one. Indexes with traffic: top interface "
           "exporter " +
           e->address.text() + "\n";
  return exporter_title(*e) + "\n" + table.text();
}

std::string trace_command(const ConsoleCall& call) {
  auto named = call;
  std::uint32_t count = kTracedDatagrams;
  if (const auto blank = call.arguments.find_last_of(" \t"); blank != std::string_view::npos) {
    const auto word = call.arguments.substr(blank + 1);
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), count);
    if (failed != std::errc{} || end != word.data() + word.size() || count == 0 || count > kMaxTracedDatagrams) {
      return not_understood("write trace X or trace X COUNT, COUNT up to " + std::to_string(kMaxTracedDatagrams));
    }
    named.arguments = call.arguments.substr(0, call.arguments.find_last_not_of(" \t", blank) + 1);
  }
  // Also one that has sent nothing yet: whether anything comes is the question.
  auto address = parse_ip_address(named.arguments);
  if (!address) {
    std::string failure;
    const auto* exporter = find_named_exporter(named, "trace", failure);
    if (exporter == nullptr) return failure;
    address = exporter->address;
  }
  const auto texts = call.backend().trace(*address, count, call.cancelled);
  if (!texts) return not_done(texts.error().message);
  if (texts->empty())
    return "Nothing came from " + address->text() +
           " within 10 s: see whether it exports to this machine (tcpdump -ni any udp and host " + address->text() +
           ")\n";
  std::string text;
  for (const auto& one : *texts) text += (text.empty() ? "" : "\n") + one;
  if (texts->size() < count)
    text += "\n" + std::to_string(texts->size()) + " of " + std::to_string(count) +
            " came within 10 s, or their text was long enough.\n";
  return text;
}

std::string templates_command(const ConsoleCall& call) {
  std::string failure;
  const auto* e = find_named_exporter(call, "templates", failure);
  if (e == nullptr) return failure;
  std::string text = exporter_title(*e) + ": " + counted(template_count(*e), "template", "templates") + " held; " +
                     counted(e->waiting_for_template, "data set came, or waits,", "data sets came, or wait,") +
                     " without one\n";
  TextTable table({">domain", ">port", ">devices", ">templates", ">lost by sequence"});
  for (const auto& d : domains_of(*e))
    table.row({std::to_string(d.domain), std::to_string(d.port), std::to_string(d.devices), std::to_string(d.templates),
               std::to_string(d.sequence_lost)});
  if ((e->protocols & (kProtocolV9 | kProtocolIpfix)) == 0)
    text += "It sends no NetFlow v9 or IPFIX: what it sends needs no template.\n";
  return table.empty() ? text : text + table.text();
}

}  // namespace weir
