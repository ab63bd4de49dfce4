// Each command's answer, without sockets.
#include "console/console_table.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

struct Asker {
  std::string operator()(const std::string& line) {
    return answer_console_line({.backend = backend, .clock = clock}, line);
  }
  Exporter& edge() { return *backend.table.find(FakeBackend::address("192.0.2.1")); }
  FakeBackend backend;
  ManualClock clock{FakeBackend::kNow};
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("help names every command, and one alone") {
  Asker ask;
  const auto all = ask("help");
  for (const auto& command : kConsoleCommands) CHECK(holds(all, "\n" + std::string(command.name)));
  CHECK(holds(ask("help top"), "top FIELD[,FIELD]"));
  CHECK_FALSE(holds(ask("help top"), "sessions"));
  CHECK(ask("help fly").starts_with("? there is no command 'fly'"));
}

TEST_CASE("a mistyped command, an argument too many, an empty line") {
  Asker ask;
  CHECK(ask("fly me") == "? there is no command 'fly': type help\n");
  CHECK(ask("cache x") == "? cache takes no arguments\n");
  CHECK(ask("  \t ") == "");
  CHECK(ask("  FLOWS \t").starts_with("2023-11-14"));
}

TEST_CASE("who may only look cannot change anything") {
  FakeBackend backend;
  const ManualClock clock{FakeBackend::kNow};
  const ConsoleServices services{.backend = backend, .clock = clock};
  const auto look = [&](const char* line) {
    return answer_console_line(services, line, nullptr, ConsoleRights::kLook);
  };
  CHECK(look("lua reload").starts_with("! lua reload changes something"));
  CHECK(look("log debug").starts_with("! log debug changes something"));
  CHECK(holds(look("lua"), "server_ports.lua"));
  CHECK(holds(look("flows"), "2 exporters"));
}

TEST_CASE("flows: the exporters with rates, versions, loss, sampling") {
  Asker ask;
  const auto text = ask("flows");
  CHECK(
      text ==
      "2023-11-14 22:13:20 UTC, Weir 1.2.3: 2 exporters, 2 heard in the last 5 min, 2.5 records/s in 1.0 datagrams/s\n"
      "exporter   name    device       version   last seen  datagrams  records  records/s  lost  malformed  no "
      "template  drops  sampling\n"
      "192.0.2.1  edge-1  Edge router  v5,ipfix  1 s ago            7       70        1.5     3          0            "
      "0      0  1 in 10, announced\n"
      "192.0.2.2  -       -            -         1 s ago            0        0        1.5     0          0            "
      "0      0  unknown\n");
}

TEST_CASE("an exporter is found by address and by name, and a stranger is told who is there") {
  Asker ask;
  for (const auto* line : {"exporter 192.0.2.1", "exporter edge-1", "exporter EDGE-1", "exporter ::ffff:192.0.2.1"}) {
    const auto text = ask(line);
    CHECK(text.starts_with("edge-1 (192.0.2.1)\n"));
    CHECK(holds(text, "  lost by sequence        3 records\n"));
    CHECK(holds(text, "  sampling                1 in 10, announced\n"));
    CHECK(holds(text, "  first seen              2023-11-14 22:13:19 UTC, 1 s ago\n"));
  }
  CHECK(ask("exporter") == "? exporter needs an exporter: exporter ADDRESS, or its name; flows lists them\n");
  CHECK(ask("exporter 192.0.2.9") ==
        "! no exporter '192.0.2.9' has sent anything; these have: 192.0.2.1 (edge-1), 192.0.2.2\n");
}

TEST_CASE("a hostile name stays one cell") {
  Asker ask;
  ask.edge().name.with([](std::string& name) { name = "x\n! fake\x1b[31m"; });
  const auto text = ask("flows");
  CHECK(holds(text, "x?! fake?[31m"));
  CHECK(ask("doctor 192.0.2.1").starts_with("x?! fake?[31m (192.0.2.1): "));
  CHECK(ask("exporter x").starts_with("! no exporter"));
}

TEST_CASE("interfaces and templates of an exporter") {
  Asker ask;
  ask.backend.table.find(FakeBackend::address("192.0.2.2"))->protocols = kProtocolV5;
  CHECK(holds(ask("interfaces edge-1"),
              "    3  ge-0/0/3  -      1.0 Gbit/s       0.100  sampling 1 in 10 is not announced\n"));
  CHECK(ask("interfaces 192.0.2.2").starts_with("No interface of 192.0.2.2 has a name here"));
  const auto text = ask("templates edge-1");
  CHECK(text.starts_with("edge-1 (192.0.2.1): 2 templates held; 0 data sets"));
  CHECK(holds(text, "     1  5000        1          2                 3\n"));
  CHECK(holds(ask("templates 192.0.2.2"), "needs no template"));
}

TEST_CASE("trace: the next datagrams of an exporter, of an address that has sent nothing too") {
  Asker ask;
  CHECK(ask("trace edge-1 2") == "NetFlow v5 from 192.0.2.1\n\nNetFlow v5 from 192.0.2.1\n");
  CHECK(holds(ask("trace 192.0.2.1"), "2 of 3 came within 10 s"));
  CHECK(ask("trace 203.0.113.9").starts_with("Nothing came from 203.0.113.9 within 10 s"));
  CHECK(ask("trace nobody").starts_with("! no exporter 'nobody'"));
  CHECK(ask("trace").starts_with("? trace needs an exporter"));
  for (const auto* wrong : {"trace edge-1 0", "trace edge-1 21", "trace edge-1 2x", "trace edge-1 -1"})
    CHECK(ask(wrong).starts_with("? write trace X"));
  ask.backend.trace_error = "another trace is under way";
  CHECK(ask("trace edge-1") == "! another trace is under way\n");
}

TEST_CASE("why: the reason that made an end the server, and what the list says today") {
  Asker ask;
  ask.backend.ports->tcp.set(443);
  ask.backend.ports->names[kIpProtocolTcp << 16 | 443] = "https";
  const auto text = ask("why port 443 and host 198.51.100.1");
  CHECK(text.starts_with(
      "The newest 1 of 1 session:\n2023-11-14 22:13:10 UTC  10.0.0.1:40000 > 198.51.100.1:443 tcp, exporter edge-1\n"));
  CHECK(holds(
      text,
      "  198.51.100.1:443 is the server by port list: server_ports.lua has tcp/443 (https), and not tcp/40000.\n"));
  CHECK(holds(ask("why port 53"),
              "server_ports.lua has neither tcp/53 nor tcp/40000. The list was another when this session came"));
  CHECK(holds(ask("why"), "The newest 3 of 3 sessions"));
  CHECK(ask("why host 192.0.2.77") == "No session that is stored is selected by that.\n");
  CHECK(ask("why -1x").starts_with("? "));
  CHECK(holds(ask("why bogus 7"), "    bogus 7\n    ^\n"));

  struct Case {
    ServerReason reason;
    const char* said;
  };
  std::uint64_t id = 10;
  for (const auto& [reason, said] :
       {Case{ServerReason::kBiflow, "the exporter named 10.9.0.1:5000 the initiator"},
        Case{ServerReason::kSyn, "a SYN without ACK came from 10.9.0.1:5000"},
        Case{ServerReason::kFirstPacket, "the half from 10.9.0.1:5000 started clearly before"},
        Case{ServerReason::kLowerPort, "4000 is lower than 5000"},
        Case{ServerReason::kFirstSeen, "nothing told the ends apart"}}) {
    Session s{.id = id++,
              .start_ms = FakeBackend::kNow - 100,
              .end_ms = FakeBackend::kNow + static_cast<std::int64_t>(id),
              .client = FakeBackend::address("10.9.0.1"),
              .server = FakeBackend::address("10.9.0.2"),
              .exporter = 1};
    s.halves[kToServer] = {.octets = 1, .packets = 1, .flows = 1};
    s.client_port = 5000, s.server_port = 4000, s.protocol = kIpProtocolTcp, s.reason = reason;
    ask.backend.gated.on_sessions({.sessions = {s}, .final_below = id});
    const auto answer = ask("why host 10.9.0.1");
    CHECK(holds(answer.substr(0, answer.find(".\n")), said));
  }
}

TEST_CASE("rules and alerts: what is loaded, what is broken, what fires, where it went") {
  Asker ask;
  CHECK(holds(ask("alerts"), "No rule has fired yet."));
  ask.backend.raise_alerts();
  const auto rules = ask("rules");
  CHECK(rules.starts_with("3 rules in 2 files\n"));
  CHECK(holds(rules, "by exporter"));
  CHECK(holds(rules, "To mend:\n  ! "));
  CHECK(holds(rules, "broken.lua:3:"));
  const auto alerts = ask("alerts");
  CHECK(holds(alerts, ": 3 firing, 3 messages wait, 0 given up\n"));
  CHECK(holds(alerts, "is busy"));
  CHECK(holds(alerts, "webhook 1"));
}

TEST_CASE("sessions: the newest that a filter selects") {
  Asker ask;
  const auto text = ask("sessions port 53");
  CHECK(holds(text, "400 octets"));
  CHECK(holds(text, "10.0.0.2:40000  198.51.100.1:53  tcp"));
  CHECK(holds(text, "domain"));
  CHECK(holds(text, "3>4"));
  CHECK(holds(text, "port list"));
  CHECK(holds(ask("sessions"), "[2001:db8::1]:443"));
  CHECK(ask("sessions port").starts_with("? "));
  CHECK(holds(ask("sessions port 53 and bogus 7"), "    port 53 and bogus 7\n                ^\n"));
  CHECK(holds(ask("sessions -1h"), "The newest 3 of 3"));
  CHECK(ask("sessions -1x").starts_with("? "));
  CHECK(holds(ask("sessions -1x"), "1x"));
  CHECK(ask("sessions -99999999999999999999h").starts_with("? "));
}

TEST_CASE("explain: what changed, in sentences with their filters") {
  Asker ask;
  const auto text = ask("explain -1h");
  CHECK(holds(text, "10.5 kB"));
  CHECK(holds(text, "Nothing is stored of the 1 h before"));
  CHECK(holds(text, "Largest server 198.51.100.1"));
  CHECK(holds(ask("explain -1h port 53"), "Largest port: 53/tcp (domain)"));
  CHECK(ask("explain -1x").starts_with("? "));
  CHECK(holds(ask("explain -1h port 53 and bogus 7"), "    port 53 and bogus 7\n                ^\n"));
}

TEST_CASE("top: the largest of one or several fields") {
  Asker ask;
  const auto text = ask("top server");
  CHECK(holds(text, "10.5 k octets"));
  CHECK(holds(text, "198.51.100.1"));
  CHECK(holds(ask("top port,protocol host 10.0.0.2"), "53 domain"));
  CHECK(holds(ask("top exporter"), "edge-1"));
  CHECK(ask("top").starts_with("? top needs a field"));
  CHECK(ask("top bogus").starts_with("? "));
  CHECK(ask("top client,").starts_with("2023"));
  CHECK(ask("top client bogus").starts_with("? "));
  CHECK(holds(ask("top client -5s port 443"), "tcp") == false);
}

TEST_CASE("doctor: what is wrong, and the step that mends it") {
  Asker ask;
  auto& edge = ask.edge();
  edge.lost = 0;
  CHECK(holds(ask("doctor edge-1"), "nothing wrong"));

  const auto finds = [&](const char* what, const char* mend) {
    const auto text = ask("doctor edge-1");
    CHECK(holds(text, what));
    CHECK(holds(text, mend));
    CHECK(holds(text, ", 1 to mend"));
  };
  edge.lost = 30;
  finds("30 records lost on the way by sequence number (30.0 % of what was sent)", "sample more");
  edge.lost = 0;
  edge.kernel_drops = 5;
  finds("5 datagrams dropped by the kernel", "net.core.rmem_max");
  edge.kernel_drops = 0;
  edge.queue_drops = 5;
  finds("a worker was behind", "receive.queue_bytes");
  edge.queue_drops = 0;
  edge.waiting_for_template = 4;
  finds("4 data sets wait", "template time-out");
  edge.waiting_for_template = 0;
  edge.announced_sampling = 0;
  finds("sampling is unknown", "on its page in the Flows window");
  edge.first_seen_ms = FakeBackend::kNow - 60'000;
  finds("sampling is unknown", "for the first half hour values of its interfaces");
  edge.first_seen_ms = 0;
  edge.announced_sampling = 1;
  edge.time_repaired = 9;
  finds("9 records had times", "NTP");
  edge.time_repaired = 0;
  edge.domains.with([](auto& domains) { domains.clear(); });
  finds("no template has come", "template data timeout 60");
  edge.protocols = kProtocolV5 | kProtocolSflow;
  finds("it sends sFlow and flow records: the same traffic counts twice", "send one of them");
  edge.protocols = kProtocolSflow;
  edge.lost = 30;
  finds("30 datagrams lost on the way", "sample more");
  edge.lost = 0;
  edge.samples_dropped = 12;
  finds("12 samples were dropped by the agent", "a larger N of 1 in N");
  edge.samples_dropped = 0;
  edge.announced_sampling = 100;
  edge.sample_pool = 300'000;
  edge.sample_pool_by_rate = 200'000;
  finds("its real rate is 1 in 150", "interface counters");
  edge.sample_pool = 210'000;
  CHECK(holds(ask("doctor edge-1"), "nothing wrong"));
  edge.protocols = kProtocolV5;
  CHECK(holds(ask("doctor edge-1"), "nothing wrong"));
  edge.last_seen_ms = FakeBackend::kNow - 3'600'000;
  finds("silent: last heard 1 h ago", "tcpdump");

  const auto all = ask("doctor");
  CHECK(holds(all, "Collector: "));
  CHECK(holds(all, "queue 'decode' was full and dropped 2"));
  CHECK(holds(all, "edge-1 (192.0.2.1): "));
  CHECK_FALSE(holds(all, "the disk refuses"));
  ask.backend.gated.last_error = "2026-11-27.sqlite: database or disk is full";
  CHECK(holds(ask("doctor"), "the disk refuses sessions: 2026-11-27.sqlite: database or disk is full"));
}

TEST_CASE("quality, store, cache, queues, about") {
  Asker ask;
  const auto quality = ask("quality");
  CHECK(quality.starts_with("Since the start: 3 lost on the way by sequence, 0 datagrams dropped here"));
  CHECK(holds(quality, "4.1 %"));
  CHECK(holds(ask("store"), "sessions"));
  CHECK(holds(ask("cache"), "hit rate"));
  CHECK(holds(ask("queues"), "decode        1        10  10.0 %        2\n"));
  CHECK(ask("about").starts_with("Weir 1.2.3 (test)\n"));
}

TEST_CASE("ext: who is connected to the API, since when, until when") {
  Asker ask;
  CHECK(holds(ask("ext"), "Nobody has called it"));
  const auto now = FakeBackend::kNow;
  const ConsoleServices services{.backend = ask.backend, .clock = ask.clock, .connections = [&] {
                                   return std::vector<ApiConnection>{{.peer = "127.0.0.1:4000",
                                                                      .user = "Admin",
                                                                      .role = "admin",
                                                                      .websocket = true,
                                                                      .since_ms = now - 60'000,
                                                                      .last_message_ms = now - 2000,
                                                                      .token_ends_ms = now + 240'000,
                                                                      .messages = 12},
                                                                     {.peer = "127.0.0.1",
                                                                      .open = false,
                                                                      .since_ms = now - 9000,
                                                                      .last_message_ms = now - 9000,
                                                                      .connections = 3,
                                                                      .messages = 3,
                                                                      .errors = 3,
                                                                      .last_error = "the token\nhas expired"}};
                                 }};
  CHECK(answer_console_line(services, "ext") ==
        "2023-11-14 22:13:20 UTC: 1 connection to the API\n"
        "peer            by              user   role   since      last message  token ends  messages  errors  last "
        "error\n"
        "127.0.0.1:4000  websocket       Admin  admin  1 min ago  2 s ago       in 4 min          12       0  -\n"
        "127.0.0.1       http, ended x3  -      -      9 s ago    9 s ago       no token           3       3  the "
        "token?has expired\n");
}

TEST_CASE("lua reload says what is loaded, or what is wrong") {
  Asker ask;
  CHECK(ask("lua reload") == "2 server ports are loaded\n");
  ask.backend.reload_error = "server_ports.lua:3: '}' expected";
  CHECK(ask("lua reload") == "! server_ports.lua:3: '}' expected\n");
  CHECK(ask("lua now").starts_with("? "));
  CHECK(holds(ask("lua"), "server_ports.lua"));
}

TEST_CASE("log: a level, for all or one stage") {
  Asker ask;
  CHECK(ask("log debug decode") == "Stage decode logs from debug on, until the next start.\n");
  CHECK(ask("log info") == "Every stage logs from info on, until the next start.\n");
  CHECK(ask("log").starts_with("? log needs a level"));
  CHECK(ask("log off").starts_with("? log needs a level"));
  CHECK(ask("log info nonsense").starts_with("? there is no stage 'nonsense'"));
}
