// The console over real sockets: who may, what comes back, and what garbage does: nothing.
#include <sys/stat.h>

#include <memory>
#include <random>
#include <vector>

#include "running_console.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string refusal(const ConsoleSettings& settings) {
  FakeBackend backend;
  const ManualClock clock(FakeBackend::kNow);
  try {
    const ConsoleServer server(settings, {.backend = backend, .clock = clock});
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

TEST_CASE("the socket is its owner's alone, answers, and goes with the server") {
  RunningConsole console;
  struct stat status {};
  REQUIRE(::stat(console.socket_file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  {
    ConsoleClient client(console.socket_file());
    client.expect_prompt();
    CHECK(holds(client.ask("flows"), "edge-1"));
    CHECK(client.ask("") == "");
    CHECK(client.ask("fly").starts_with("? "));
    client.send("quit\n");
    CHECK(client.receive_all() == "");
  }
  console.server.stop();
  CHECK(::stat(console.socket_file().c_str(), &status) != 0);
  CHECK(console.metric("weir_console_commands_total") == "3");
}

TEST_CASE("an old socket file is replaced, and a long path works") {
  TemporaryFolder folder;
  const auto deep = folder.path / std::string(120, 'd');
  std::filesystem::create_directory(deep);
  FakeBackend backend;
  const ManualClock clock(FakeBackend::kNow);
  const auto file = (deep / kConsoleSocketName).string();
  std::ofstream(file) << "left by a crash";
  ConsoleServer server({.socket_file = file}, {.backend = backend, .clock = clock});
  server.start();
  CHECK(std::filesystem::is_socket(file));
  const ConsoleEndpoint endpoint(file);
  ConsoleClient client(endpoint.endpoint().path());
  client.expect_prompt();
  CHECK(holds(client.ask("about"), "Weir"));
}

TEST_CASE("lines may come together, and the last one without its end") {
  RunningConsole console;
  ConsoleClient client(console.socket_file());
  client.send("about\ncache\nqueues");
  client.end_sending();
  const auto text = client.receive_all();
  CHECK(text.starts_with("weir> Weir 1.2.3 (test)\n"));
  CHECK(holds(text, "\nweir> cache of columns"));
  CHECK(holds(text, "decode"));
  CHECK(text.ends_with("weir> "));
}

TEST_CASE("telnet: its negotiation is skipped, lines end with CR LF") {
  RunningConsole console;
  ConsoleClient client(console.server.telnet_port());
  client.expect_prompt();
  client.send(
      "\xff\xfd\x03\xff\xfb\x18"
      "queues\r\n");
  const auto text = client.receive_until(kConsolePrompt);
  CHECK(holds(text, "queue   waiting"));
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at) CHECK(text[at - 1] == '\r');
}

TEST_CASE("a line of ten megabytes is refused and the next one answered") {
  RunningConsole console;
  ConsoleClient client(console.socket_file());
  client.expect_prompt();
  REQUIRE(client.send(std::string(10'000'000, 'x')));
  CHECK(client.ask("") == "? the line is longer than 4096 bytes (console.max_line_bytes)\n");
  CHECK(client.ask("about").starts_with("Weir 1.2.3 (test)\n"));
  CHECK(console.metric("weir_console_lines_refused_total") == "1");
}

TEST_CASE("garbage harms nobody") {
  RunningConsole console;
  std::mt19937 random(42);
  for (int round = 0; round < 20; ++round) {
    ConsoleClient client(console.server.telnet_port());
    std::string garbage(20'000, '\0');
    for (auto& byte : garbage) byte = static_cast<char>(random());
    client.send(garbage);
    client.end_sending();
    const auto text = client.receive_all();
    for (const char c : text) REQUIRE((static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r'));
  }
  ConsoleClient client(console.socket_file());
  client.expect_prompt();
  CHECK(client.ask("about").starts_with("Weir 1.2.3 (test)\n"));
}

TEST_CASE("a browser's request is not for the console") {
  RunningConsole console;
  for (const auto* request : {"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nlog error\n", "OPTIONS * HTTP/1.1\r\n\r\n"}) {
    ConsoleClient client(console.server.telnet_port());
    client.send(request);
    CHECK(client.receive_all() == kConsolePrompt);
  }
  ConsoleClient client(console.server.telnet_port());
  client.send("GET /" + std::string(10'000, 'x') + " HTTP/1.1\r\nabout\r\n");
  CHECK(client.receive_all() == kConsolePrompt);
  CHECK(console.metric("weir_console_foreign_closed_total") == "3");
  CHECK(console.metric("weir_console_commands_total") == "0");
}

TEST_CASE("connections past the limit are closed at once, and room is made again") {
  RunningConsole console({.max_connections = 3, .max_telnet_connections = 2});
  std::vector<std::unique_ptr<ConsoleClient>> open;
  for (int i = 0; i < 3; ++i) {
    open.push_back(std::make_unique<ConsoleClient>(console.socket_file()));
    open.back()->expect_prompt();
  }
  ConsoleClient first(console.server.telnet_port()), second(console.server.telnet_port());
  first.expect_prompt();
  second.expect_prompt();
  for (int i = 0; i < 500; ++i) {
    ConsoleClient refused(console.server.telnet_port());
    CHECK(refused.receive_all() == "");
  }
  ConsoleClient fourth(console.socket_file());
  CHECK(fourth.receive_all() == "");
  CHECK(console.metric("weir_console_connections_refused_total") == "501");
  CHECK(console.metric("weir_console_connections") == "5");
  CHECK(console.metric("weir_console_telnet_connections") == "2");
  open.front()->send("quit\n");
  CHECK(open.front()->receive_all() == "");
  ConsoleClient again(console.socket_file());
  again.expect_prompt();
}

TEST_CASE("telnet asks for the password, the socket does not") {
  RunningConsole console({.wrong_password_ms = 1}, "correct horse\n");
  ConsoleClient local(console.socket_file());
  local.expect_prompt();

  ConsoleClient client(console.server.telnet_port());
  CHECK(client.receive_until("password: ") == "\xff\xfb\x01password: ");
  client.send("correct hors\r\n");
  CHECK(holds(client.receive_until("password: "), "That is wrong."));
  client.send("correct horse\r\n");
  CHECK(client.receive_until(kConsolePrompt) == "\xff\xfc\x01\r\nweir> ");
  CHECK(holds(client.ask("about"), "Weir 1.2.3"));

  ConsoleClient guesser(console.server.telnet_port());
  for (const auto* guess : {"\r\n", "flows\r\n", "correct horse battery\r\n"}) {
    guesser.receive_until("password: ");
    guesser.send(guess);
  }
  CHECK(holds(guesser.receive_all(), "That was wrong 3 times."));
  CHECK(console.metric("weir_console_passwords_refused_total") == "4");
  CHECK(console.metric("weir_console_commands_total") == "1");
}

TEST_CASE("silent telnet sessions keep nobody out: not the socket, not who knows the password") {
  RunningConsole console({.max_telnet_connections = 4}, "correct horse");
  std::vector<std::unique_ptr<ConsoleClient>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<ConsoleClient>(console.server.telnet_port()));
    silent.back()->receive_until("password: ");
  }
  ConsoleClient local(console.socket_file());
  local.expect_prompt();
  CHECK(holds(local.ask("about"), "Weir 1.2.3"));
  ConsoleClient user(console.server.telnet_port());
  user.receive_until("password: ");
  user.send("correct horse\r\n");
  CHECK(holds(user.receive_until(kConsolePrompt), "weir> "));
  for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<ConsoleClient>(console.server.telnet_port()));
  CHECK(holds(user.ask("about"), "Weir 1.2.3"));
  CHECK(silent.front()->receive_all() == "");
  CHECK(console.server.refusals()[1].count >= 17);
}

TEST_CASE("slow commands over telnet leave the socket its threads") {
  RunningConsole console;
  console.backend.gated.shut();
  ConsoleClient first(console.server.telnet_port()), second(console.server.telnet_port()), local(console.socket_file());
  for (auto* slow : {&first, &second}) {
    slow->expect_prompt();
    slow->send("top client\r\n");
  }
  console.backend.gated.wait_for_queries(2);
  local.expect_prompt();
  CHECK(holds(local.ask("queues"), "decode"));
}

TEST_CASE("a telnet session that gives no password is closed in time") {
  RunningConsole console({.login_timeout_ms = 50}, "correct horse");
  ConsoleClient client(console.server.telnet_port());
  CHECK(client.receive_all() == "\xff\xfb\x01password: ");
  CHECK(console.metric("weir_console_login_timeouts_total") == "1");
}

TEST_CASE("idle connections are closed") {
  RunningConsole console({.idle_timeout_ms = 20});
  ConsoleClient client(console.socket_file());
  CHECK(client.receive_all() == kConsolePrompt);
  CHECK(console.metric("weir_console_idle_closed_total") == "1");
}

TEST_CASE("a long answer is cut at a line, and says so") {
  RunningConsole console({.max_answer_bytes = 300});
  ConsoleClient client(console.socket_file());
  client.expect_prompt();
  const auto text = client.ask("help");
  CHECK(text.size() < 400);
  CHECK(text.ends_with("\n(cut here: an answer has at most 300 bytes, console.max_answer_bytes)\n"));
  CHECK(console.metric("weir_console_answers_cut_total") == "1");
}

TEST_CASE("a prompt inside an answer does not stand at the start of a line") {
  RunningConsole console;
  console.backend.table.find(FakeBackend::address("192.0.2.1"))->name.with([](std::string& name) { name = "weir> "; });
  ConsoleClient client(console.socket_file());
  client.expect_prompt();
  client.send("exporter 192.0.2.1\n");
  CHECK(client.receive_until("\nweir> ").starts_with(" weir>  (192.0.2.1)\n"));
}

TEST_CASE("a slow query holds up neither others nor the end") {
  RunningConsole console;
  console.backend.gated.shut();
  ConsoleClient slow(console.socket_file()), other(console.socket_file());
  slow.expect_prompt();
  other.expect_prompt();
  slow.send("top client\n");
  console.backend.gated.wait_for_queries(1);
  CHECK(holds(other.ask("queues"), "decode"));
  console.backend.gated.open();
  CHECK(holds(slow.receive_until(kConsolePrompt), "10.0.0.1"));
}

TEST_CASE("a server stops while a client waits for its answer") {
  RunningConsole console;
  console.backend.gated.shut();
  ConsoleClient client(console.socket_file());
  client.expect_prompt();
  client.send("top client\n");
  console.backend.gated.wait_for_queries(1);
  std::thread opener([&] {
    CHECK(client.receive_all() == "");  // closed before the query ends
    console.backend.gated.open();
  });
  console.server.stop();
  opener.join();
}

TEST_CASE("what is set wrongly is refused, with its name") {
  TemporaryFolder folder;
  ConsoleSettings settings{.socket_file = folder.file(kConsoleSocketName)};
  const auto with = [&](const std::string& listen, const std::string& password_file = "") {
    auto changed = settings;
    changed.listen = listen;
    changed.password_file = password_file;
    return refusal(changed);
  };
  CHECK(holds(with("2323"), "console.listen = \"2323\": there is no port; write ADDRESS:PORT"));
  CHECK(holds(with("::1:2323"), "write ADDRESS:PORT"));
  CHECK(holds(with("0.0.0.0:0"), "Set console.password_file"));
  CHECK(with("0.0.0.0:0", folder.password_file("correct horse")) == "");
  CHECK(with("[::1]:0") == "");
  CHECK(holds(with("127.0.0.1:0", folder.file("none")), "console.password_file: "));
  CHECK(holds(with("127.0.0.1:0", folder.password_file("correct horse", 0644)), "chmod 600"));
  CHECK(holds(with("127.0.0.1:0", folder.password_file("short\n")), "8 to 1024 characters"));
  settings.socket_file = "/nowhere/console.sock";
  CHECK(holds(with(""), "console: cannot make the socket /nowhere/console.sock"));
}
