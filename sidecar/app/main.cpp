// weir: the command line. Every command's options, and one readable line for whatever stops it.
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/command_line_json.hpp"
#include "app/commands.hpp"
#include "app/rules_command.hpp"
#include "app/version.hpp"
#include "query/query.hpp"

namespace {

using namespace weir;

void add_common(CLI::App* command, CommonOptions& common) {
  command->add_option("--data", common.data,
                      "Folder of the stored sessions (default: store.dir of weir.toml, or ./data)");
  command->add_option("--config", common.config, "Settings file (default: ./weir.toml, then /etc/weir/weir.toml)");
}

struct Options {
  RunOptions run;
  ImportOptions import;
  QueryOptions query;
  ExplainOptions explain;
  TokenOptions token;
  ConsoleOptions console;
  TapOptions tap;
  CommonOptions about, store_stats, store_check, store_repair, store_sums, doctor;
  StoreBackupOptions store_backup;
  RulesCheckOptions rules_check;
  RulesTestOptions rules_test;
};

void describe(CLI::App& app, Options& o, int& exit_code) {
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("weir ") + kVersion);
  app.footer("Exit codes: 0 done, 1 failed, 2 wrong usage. Each command has its own --help.");

  auto* run = app.add_subcommand("run", "Collect: receive flows, store sessions, serve the API and the Flows window");
  add_common(run, o.run.common);
  run->add_option("--listen", o.run.listen, "UDP ports or address:port that exporters send to, by comma")
      ->delimiter(',');
  run->add_option("--api", o.run.api, "Address:port of the API and the Flows window (default 127.0.0.1:8710)");
  run->callback([&] { exit_code = run_command(o.run); });

  auto* import = app.add_subcommand("import", "Store the flows of captures (pcap, pcapng) of export datagrams");
  add_common(import, o.import.common);
  import->add_option("files", o.import.files, "Capture files")->required();
  import->add_option("--format", o.import.format, "How to report")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  import->add_flag("--again", o.import.again,
                   "Also captures that were imported before: their sessions count twice then");
  import->callback([&] { exit_code = import_command(o.import);
});

auto* query = app.add_subcommand("query", "Ask the stored sessions; works beside a running collector");
add_common(query, o.query.common);
query->add_option(
    "--from", o.query.from,
    "Start: ISO 8601 (in --tz unless a zone is given), epoch s or ms, now, or -1h (default: all that is stored)");
query->add_option("--to", o.query.to, "End, exclusive: as --from");
query
    ->add_option("--tz,--timezone", o.query.time_zone,
                 "Zone of times that are read and shown: UTC, local, Europe/Berlin, +02:00")
    ->capture_default_str();
query->add_option("--filter", o.query.filter, "For example: host 10.0.0.0/8 and not port 443");
query->add_option("--by", o.query.by, "Fields to group by, by comma: client, server, host, port, protocol, exporter, …")
    ->delimiter(',');
query->add_option("--limit", o.query.limit, "Rows; the rest is 'other'")
    ->check(CLI::Range(1u, kMaxLimit))
    ->capture_default_str();
query->add_option("--buckets", o.query.buckets, "Intervals of a series over the range; 0: none")
    ->check(CLI::Range(0u, kMaxBuckets))
    ->capture_default_str();
query->add_option("--direction", o.query.direction, "For host, port, interface, as, country")
    ->check(CLI::IsMember({"both", "talkers", "listeners"}))
    ->capture_default_str();
query->add_option("--measure", o.query.measure, "What the largest rows are chosen by")
    ->check(CLI::IsMember(std::vector<std::string>(kRankWords.begin(), kRankWords.end())))
    ->capture_default_str();
query->add_option("--order", o.query.order, "desc: the largest rows first; asc: the smallest")
    ->check(CLI::IsMember({"desc", "asc"}))
    ->capture_default_str();
query->add_flag("--unscaled", o.query.unscaled, "As exported, before sampling");
query->add_flag("--explain", o.query.explain, "Tell what was read for the answer, and what was not");
query->add_option("--format", o.query.format, "Output")
    ->check(CLI::IsMember({"table", "csv", "json"}))
    ->capture_default_str();
query->callback([&] { exit_code = query_command(o.query); });

auto* explain = app.add_subcommand(
    "explain", "What is in a stretch of time, what changed, and what explains it; works beside a running collector");
add_common(explain, o.explain.common);
explain
    ->add_option("--from", o.explain.from,
                 "Start: ISO 8601 (in --tz unless a zone is given), epoch s or ms, now, or -1h")
    ->required();
explain->add_option("--to", o.explain.to, "End, exclusive: as --from (default: now)");
explain
    ->add_option("--against", o.explain.against,
                 "What to compare with, by comma: before, last_week, START/END as --from (default: before,last_week)")
    ->delimiter(',');
explain
    ->add_option("--tz,--timezone", o.explain.time_zone,
                 "Zone of times that are read and shown: UTC, local, Europe/Berlin, +02:00")
    ->capture_default_str();
explain->add_option("--filter", o.explain.filter, "For example: host 10.0.0.0/8 and not port 443");
explain->add_option("--measure", o.explain.measure, "What is compared")
    ->check(CLI::IsMember(std::vector<std::string>(kMeasureWords.begin(), kMeasureWords.end())))
    ->capture_default_str();
explain->add_flag("--unscaled", o.explain.unscaled, "As exported, before sampling");
explain->add_option("--format", o.explain.format, "Output")
    ->check(CLI::IsMember({"table", "json"}))
    ->capture_default_str();
explain->callback([&] { exit_code = explain_command(o.explain); });

auto* token = app.add_subcommand("token", "Print a token for the API and the Flows window");
add_common(token, o.token.common);
token->add_option("--ttl", o.token.ttl, "How long it holds: 15m, 1h, 7d")->capture_default_str();
token
    ->add_option("--exporters", o.token.exporters,
                 "Addresses of the exporters that may be seen, by comma (default: all)")
    ->delimiter(',');
token->add_option("--user", o.token.user, "Name shown for it");
token
    ->add_option("--role", o.token.role,
                 "admin may change exporters' names and sampling; a viewer may not silence or acknowledge alerts")
    ->check(CLI::IsMember({"admin", "user", "viewer"}))
    ->capture_default_str();
token->add_flag("--console-key", o.token.console_key,
                "Print no token, but a key that signs tokens which may look through console.run and nothing else");
token->callback([&] { exit_code = token_command(o.token); });

auto* rules = app.add_subcommand("rules", "Alert rules: check files, and see when a rule would have fired");
rules->require_subcommand(1);
auto* check = rules->add_subcommand("check", "Read rule files, run their tests, say what each rule costs");
add_common(check, o.rules_check.common);
check->add_option("files", o.rules_check.files, "Rule files (*.lua)")->required();
check->callback([&] { exit_code = rules_check_command(o.rules_check); });
auto* test = rules->add_subcommand("test", "When a rule would have fired over stored sessions");
add_common(test, o.rules_test.common);
test->add_option("file", o.rules_test.file, "Rule file (*.lua)")->required();
test->add_option("--rule", o.rules_test.rule, "Name of the rule, when the file has several");
test->add_option(
    "--from", o.rules_test.from,
    "Start: ISO 8601 (UTC unless a zone is given), epoch s or ms, now, or -7d (default: all that is stored)");
test->add_option("--to", o.rules_test.to, "End: as --from");
test->add_option("--compare", o.rules_test.compare, "Another version of the file: what it does differently");
test->add_option("--format", o.rules_test.format, "Output")
    ->check(CLI::IsMember({"table", "json"}))
    ->capture_default_str();
test->callback([&] { exit_code = rules_test_command(o.rules_test); });

auto* store = app.add_subcommand(
    "store", "The files of a data folder: how large, whether they are whole, a copy of them, a repair, sums");
store->require_subcommand(1);
auto* stats = store->add_subcommand("stats", "Days, sessions, bytes per session, bytes per column");
add_common(stats, o.store_stats);
stats->callback([&] { exit_code = store_stats_command(o.store_stats); });
auto* store_check = store->add_subcommand("check", "Read and decode all that is stored; 1 when something is damaged");
add_common(store_check, o.store_check);
store_check->callback([&] { exit_code = store_check_command(o.store_check); });

auto* store_backup = store->add_subcommand(
    "backup", "Copy the folder into another, beside a running collector; what is there already is not copied again");
add_common(store_backup, o.store_backup.common);
store_backup
    ->add_option("DIR", o.store_backup.folder,
                 "Folder of the copy: a data folder itself, for weir query --data DIR or weir run --data DIR")
    ->required();
store_backup->add_flag("--mirror", o.store_backup.mirror,
                       "Delete from the copy the days that are gone from the folder; without it they stay");
store_backup->callback([&] { exit_code = store_backup_command(o.store_backup); });
auto* store_repair = store->add_subcommand(
    "repair", "Set aside what is damaged and keep all that can be read of it; the collector has to be stopped");
add_common(store_repair, o.store_repair);
store_repair->callback([&] { exit_code = store_repair_command(o.store_repair); });

auto* store_sums = store->add_subcommand(
    "sums", "Make the sums that answer questions about long times at once; a running collector does it by itself");
add_common(store_sums, o.store_sums);
store_sums->callback([&] { exit_code = store_sums_command(o.store_sums); });

auto* tap = app.add_subcommand("tap", "Flow records as a running collector decodes them, one a line, until Ctrl-C");
add_common(tap, o.tap.common);
tap->add_option("--filter", o.tap.filter,
                "As of query; the source of a record is its client: src host 10.0.0.0/8 and port 443");
tap->add_option("--exporters", o.tap.exporters, "Of these exporters alone: addresses or names, by comma")
    ->delimiter(',');
tap->add_option("--count", o.tap.count, "End after so many records; 0: go on")->capture_default_str();
tap->add_option("--format", o.tap.format, "Output: json is one object a line")
    ->check(CLI::IsMember({"text", "json"}))
    ->capture_default_str();
tap->callback([&] { exit_code = tap_command(o.tap); });

auto* doctor =
    app.add_subcommand("doctor", "What is wrong and how to fix it: of a running collector, or before it starts");
add_common(doctor, o.doctor);
doctor->callback([&] { exit_code = doctor_command(o.doctor); });

auto* console = app.add_subcommand("console", "Ask a running collector: who exports, who talks, what is wrong");
add_common(console, o.console.common);
console->add_option("-c,--command", o.console.command,
                    "One command (try help), then end; 1 when it failed, 2 when there is no such");
console->callback([&] { exit_code = console_command(o.console); });

auto* about = app.add_subcommand("about", "Version, build, libraries, system, settings");
add_common(about, o.about);
about->callback([&] { exit_code = about_command(o.about); });

// For what is made from this list: the manual page and the completions.
app.add_subcommand("command-line")->group("")->callback([&] { std::cout << command_line_json(app) << "\n"; });
}  // namespace

}  // namespace

int main(int argc, char** argv) {
  // Segments and batches of some MB come and go: their memory stays with the process instead of being mapped and
  // cleared anew.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  // Whoever reads the files of the data folder reads all flows, and a core dump holds the secret.
  umask(S_IRWXG | S_IRWXO);
  constexpr rlimit kNoCoreDumps{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &kNoCoreDumps);
  CLI::App app("Weir collects NetFlow and IPFIX, pairs flows into sessions and shows who is talking.", "weir");
  Options options;
  int exit_code = 0;
  describe(app, options, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& e) {
    if (argc > 1 && argv[1][0] != '-' &&
        app.get_subcommands([&](const CLI::App* known) { return known->check_name(argv[1]); }).empty()) {
      std::cerr << "weir: there is no command '" << argv[1] << "'; weir --help lists them\n";
      return 2;
    }
    return app.exit(e) == 0 ? 0 : 2;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  } catch (const std::exception& e) {
    std::cerr << "weir: " << e.what() << "\n";
    return 1;
  }
  return exit_code;
}
