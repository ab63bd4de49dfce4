// `weir import`: export datagrams out of captures, decoded with the capture's clock, into the store. All files are
// checked before anything is stored.
#include <boost/json.hpp>
#include <cstdio>
#include <iostream>

#include "app/capture_fingerprint.hpp"
#include "app/commands.hpp"
#include "app/decode_settings.hpp"
#include "app/pipeline.hpp"
#include "app/progress_bar.hpp"
#include "console/plain_text.hpp"
#include "core/log.hpp"
#include "decode/decoder.hpp"
#include "receive/capture_reader.hpp"
#include "session/session_table.hpp"

namespace weir {

namespace {

constexpr std::int64_t kLookMs = 1000;          // of a capture, between looks at what is missing
constexpr std::uint64_t kFlushEvery = 1 << 16;  // datagrams between hand-overs to the store

// Decode and pairing in one thread, on the capture's time.
class Importer final : private RecordSink {
 public:
  Importer(const Settings& settings, ExporterTable& exporters, SqliteStore& store,
           std::shared_ptr<const PortTable> ports)
      : decoder_(decode_limits(settings), exporters, *this),
        sessions_(session_limits(settings), store.next_session_id(), store) {
    sessions_.set_ports(std::move(ports));
    quality_.emplace(store.make_import_ledger());
    decoder_.on_name([&store](const StoredName& n) {
      store.save_told({.exporter = n.exporter, .kind = n.kind, .id = n.id, .text = n.text});
    });
  }

  void take(const DatagramBatch& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Datagram d = batch[i];
      if (in_capture_ && d.arrival_ms / kLookMs != arrival_ms_ / kLookMs) quality_->look(arrival_ms_);
      in_capture_ = true;
      arrival_ms_ = d.arrival_ms;
      decoder_.decode(d);
      if (++taken_ % kFlushEvery == 0) sessions_.flush(arrival_ms_);
    }
  }
  // What the next capture holds has its own times.
  void end_capture() {
    if (std::exchange(in_capture_, false)) quality_->end_capture(arrival_ms_);
  }
  void finish() {
    decoder_.finish();
    decoder_.tick(arrival_ms_);
    if (arrival_ms_ != 0) quality_->end_capture(arrival_ms_);  // what waited is decoded now
    sessions_.finish();
    for (const auto& line : decoder_.take_log_lines()) std::cerr << "weir import: " << line << "\n";
  }
  DecodeCounters counters() const { return decoder_.counters(); }
  SessionCounters session_counters() const { return sessions_.counters(); }

 private:
  void on_records(std::span<const FlowRecord> records) override { sessions_.add(records, arrival_ms_); }

  Decoder decoder_;
  SessionTable sessions_;
  std::optional<QualityLedger> quality_;
  std::int64_t arrival_ms_ = 0;
  bool in_capture_ = false;
  std::uint64_t taken_ = 0;
};

boost::json::object report(const DecodeCounters& c, const SessionCounters& s, const CaptureCounters& capture,
                           const ExporterTable& exporters) {
  boost::json::array list;
  for (const Exporter* e : exporters.all()) {
    if (e->datagrams == 0) continue;
    boost::json::array protocols;
    for (const auto& p : protocol_names(e->protocols)) protocols.emplace_back(p);
    list.push_back(boost::json::object{{"exporter", e->address.text()},
                                       {"address", e->address.text()},
                                       {"datagrams", e->datagrams.load()},
                                       {"records", e->records.load()},
                                       {"options_records", e->options_records.load()},
                                       {"malformed", e->malformed.load()},
                                       {"waiting_for_template", e->waiting_for_template.load()},
                                       {"rejected", e->rejected.load()},
                                       {"lost", e->lost.load()},
                                       {"time_repaired", e->time_repaired.load()},
                                       {"protocols", std::move(protocols)}});
  }
  return {{"datagrams", c.datagrams},
          {"records", c.records},
          {"options_records", c.options_records},
          {"malformed", c.malformed},
          {"unsupported", c.unsupported},
          {"waiting_for_template", c.waiting_for_template},
          {"rejected", c.rejected},
          {"refused_datagrams", c.senders_refused},
          {"time_repaired", c.time_repaired},
          {"sessions", s.sessions},
          {"other_frames", capture.other},
          {"exporters", std::move(list)}};
}

void print_table(const boost::json::object& r) {
  const auto number = [&](const char* key) { return r.at(key).to_number<unsigned long long>(); };
  std::printf("%llu datagrams, %llu flow records, %llu sessions, %llu malformed, %llu waiting for a template\n",
              number("datagrams"), number("records"), number("sessions"), number("malformed"),
              number("waiting_for_template"));
  if (number("rejected"))
    std::printf("%llu flow records refused: they count more than a link carries, or say nothing that is stored\n",
                number("rejected"));
  if (number("refused_datagrams"))
    std::printf("%llu datagrams refused: of exporters past exporters.max\n", number("refused_datagrams"));
  if (number("unsupported")) std::printf("%llu datagrams of protocols that are not decoded\n", number("unsupported"));
  std::printf("%-40s %10s %10s %9s %8s\n", "exporter", "datagrams", "records", "malformed", "waiting");
  for (const auto& e : r.at("exporters").as_array()) {
    const auto of = [&](const char* key) { return e.at(key).to_number<unsigned long long>(); };
    std::printf("%-40s %10llu %10llu %9llu %8llu\n", e.at("address").as_string().c_str(), of("datagrams"),
                of("records"), of("malformed"), of("waiting_for_template"));
  }
}

// The captures that the store has already, said to the user. The others, with their fingerprints.
std::vector<std::pair<std::string, std::string>> captures_to_import(const ImportOptions& options, SqliteStore& store,
                                                                    boost::json::array& before) {
  std::vector<std::pair<std::string, std::string>> wanted;
  for (const auto& file : options.files) {
    auto fingerprint = capture_fingerprint(file);
    const bool twice =
        std::any_of(wanted.begin(), wanted.end(), [&](const auto& w) { return w.second == fingerprint; });
    const auto known = store.imported(fingerprint);
    if (!twice && !known) {
      wanted.emplace_back(file, std::move(fingerprint));
      continue;
    }
    const auto what = known ? "was imported before, as " + known->name + " on " + utc_text(known->imported_ms) +
                                  " with " + std::to_string(known->records) + " flow records"
                            : "is named twice";
    before.emplace_back(file);
    if (options.again) {
      std::cerr << "weir import: " << file << " " << what << ": it counts once more now (--again)\n";
      wanted.emplace_back(file, std::move(fingerprint));
    } else {
      std::cerr << "weir import: " << file << " " << what
                << ": it is left out, because it would count twice (--again imports it all the same)\n";
    }
  }
  return wanted;
}

}  // namespace

int import_command(const ImportOptions& options) {
  Settings settings = load_settings(options.common);
  start_logging({.level = "warning", .format = "text", .file = ""});
  for (const auto& file : options.files) {
    if (const auto checked = check_capture(file); !checked) {
      std::cerr << "weir import: " << checked.error().message << "; nothing was stored\n";
      return 1;
    }
  }

  const SystemClock clock;
  ExporterTable exporters(static_cast<std::uint32_t>(settings.integer("exporters.max")));
  const ServerPorts ports(server_ports_file(settings), lua_limits(settings), clock, own_server_ports_file(settings));
  if (const auto s = ports.status(); !s.error.empty()) std::cerr << "weir import: " << s.error << "\n";
  auto in_store = store_settings(settings);
  in_store.collects = false;  // what is missing is told in the captures' times
  SqliteStore store(in_store, clock, exporters);
  Importer importer(settings, exporters, store, ports.current());
  CaptureCounters capture;
  ProgressBar bar;
  boost::json::array imported_before;
  const auto wanted = captures_to_import(options, store, imported_before);
  for (const auto& [file, fingerprint] : wanted) {
    const auto records_before = importer.counters().records, sessions_before = importer.session_counters().sessions;
    auto reader = CaptureReader::open(file);
    if (!reader) throw std::runtime_error(reader.error().message);
    for (bool more = true; more;) {
      DatagramBatch batch;
      const auto read = reader->read(batch);
      if (!read) throw std::runtime_error(read.error().message + "; what came before it was stored");
      more = *read;
      importer.take(batch);
      bar.show(file, reader->bytes_read(), reader->bytes_total());
    }
    capture.other += reader->counters().other;
    importer.end_capture();
    store.save_imported({.fingerprint = fingerprint,
                         .name = file,
                         .imported_ms = clock.now_ms(),
                         .records = importer.counters().records - records_before,
                         .sessions = importer.session_counters().sessions - sessions_before});
  }
  importer.finish();
  store.close();
  const auto status = store.status();
  if (status.dropped_sessions) {
    std::cerr << "weir import: " << status.dropped_sessions << " sessions could not be stored: " << status.last_error
              << "\n";
    return 1;
  }
  if (status.deleted_sessions) {
    std::cerr << "weir import: " << status.deleted_sessions
              << " sessions were deleted, the oldest ones: store.max_age_days is "
              << settings.integer("store.max_age_days") << ", and the store keeps " << bytes_text(status.limit_bytes)
              << " (store.max_bytes)\n";
  }

  auto r = report(importer.counters(), importer.session_counters(), capture, exporters);
  r["deleted_sessions"] = status.deleted_sessions;
  const bool left_out = !imported_before.empty() && !options.again;
  r["imported_before"] = std::move(imported_before);
  if (options.format == "json") {
    std::cout << boost::json::serialize(r) << "\n";
  } else {
    print_table(r);
  }
  return left_out ? 1 : 0;
}

}  // namespace weir
