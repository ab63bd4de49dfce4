// What must not lead to a false alert or to none: a damaged state file, a clock that is set back, loss that was none.
#include <filesystem>

#include "alert/alert_engine.hpp"
#include "alert/alert_text.hpp"
#include "alert/exporter_rows.hpp"
#include "inbox.hpp"
#include "scratch_folder.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

TEST_CASE("a damaged state file is set aside, and the engine starts with a new one") {
  ScratchFolder folder;
  folder.write("alerts.sqlite", std::string(20'000, 'x'));
  AlertSettings settings;
  settings.state_file = folder.file("alerts.sqlite");
  MemoryStore store;
  ExporterTable exporters{10};
  ManualClock clock{1'700'000'000'000};
  AlertEngine engine(settings, store, exporters, clock);
  CHECK(engine.alerts(true, 10).empty());
  CHECK(std::filesystem::file_size(settings.state_file + ".damaged-1700000000000") == 20'000);
}

TEST_CASE("a message that was put off farther than any is put off is due: the clock was set back") {
  ScratchFolder folder;
  ManualClock ledger_clock{10'000};
  Ledger ledger(folder.file("a.sqlite"), {}, ledger_clock);
  ledger.record({.rule = "r", .steps = {incident("a", 1)}, .firing = {{"a", 1}}, .at_ms = 1, .missing = {}});
  ledger.announce(10'000, [](Incident&) { return std::vector<std::string>{"inbox"}; });
  CHECK(ledger.due_messages("inbox", 9'000, 10, 9'000 + 5'000).empty());
  CHECK(ledger.due_messages("inbox", 1'000, 10, 1'000 + 5'000).size() == 1);
}

TEST_CASE("what was counted as lost and came late after all is no loss of the window") {
  ExporterTable table{10};
  auto* e = table.find_or_add(*parse_ip_address("192.0.2.1"));
  ExporterSamples samples(table);
  e->datagrams = 10;
  e->lost = 5;
  samples.sample(10'000);
  e->datagrams = 20;
  e->lost = 3;
  samples.sample(70'000);
  CHECK(samples.window({.from_ms = 10'000, .to_ms = 70'000}).find({e->address}).lost == 0);
}
