// What goes over the wire to each target, and that texts from the network cannot leave their place in it.
#include <signal.h>

#include <boost/asio/ip/udp.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "alert/alert_text.hpp"
#include "alert/route_script.hpp"
#include "alert/target.hpp"
#include "exchange/http_exchange.hpp"
#include "exchange/zabbix_sender.hpp"
#include "scratch_folder.hpp"
#include "support/catch.hpp"
#include "support/one_shot_server.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Notification sample(const std::string& message, bool opens = true) {
  Notification n{.delivery = 7, .opens = opens, .at_ms = 1000, .incident = {}};
  n.incident.id = "0123456789abcdef";
  n.incident.rule = "port scan";
  n.incident.key = "10.0.0.1";
  n.incident.title = "10.0.0.1";
  n.incident.message = message;
  n.incident.filter = "client 10.0.0.1 || port 80";
  n.incident.severity = Severity::kHigh;
  n.incident.fired_ms = 1'700'000'000'123;
  n.incident.resolved_ms = opens ? 0 : 1'700'000'060'000;
  n.incident.state = opens ? Incident::State::kFiring : Incident::State::kResolved;
  return n;
}

const std::string kHostile = "a|0|||\n<11>1 forged\r\nBcc: x@example.org \"]\\ \xff";

std::string zabbix_answer(const std::string& json) {
  std::string answer("ZBXD\x01", 5);
  for (int i = 0; i < 8; ++i) answer += static_cast<char>(json.size() >> (8 * i) & 0xff);
  return answer + json;
}

}  // namespace

TEST_CASE("zabbix: the sender protocol, and what it answers") {
  CHECK(zabbix_value(sample("text")) == "0123456789abcdef|1|high|client 10.0.0.1 // port 80|text");
  CHECK(zabbix_value(sample("text", false)) == "0123456789abcdef|0|||");
  const auto hostile = zabbix_value(sample(kHostile));
  CHECK(std::count(hostile.begin(), hostile.end(), '|') == 4);
  CHECK_FALSE(contains(hostile, "\n"));

  RisingStamps stamps;
  const SenderValue values[] = {
      {.host = "Weir", .key = "weir.alert", .value = "v\"", .stamp = stamps.next(1'700'000'000'123)}};
  const auto request = sender_request(values);
  CHECK(request.substr(0, 5) == std::string("ZBXD\x01", 5));
  CHECK(static_cast<unsigned char>(request[5]) + 256u * static_cast<unsigned char>(request[6]) == request.size() - 13);
  const auto data = boost::json::parse(request.substr(13)).at("data").at(0);
  CHECK(data.at("key") == "weir.alert");
  CHECK(data.at("value") == "v\"");
  CHECK(data.at("clock") == 1'700'000'000);
  CHECK(data.at("ns") == 123'000'000);
  CHECK(stamps.next(1'700'000'000'123).ns == 123'000'001);
  CHECK(stamps.next(1'699'999'990'000).ns == 123'000'002);  // a clock that was set back a little
  CHECK(stamps.next(1'600'000'000'000).clock_s == 1'600'000'000);
  // What is sent late keeps its time, and never goes before what was sent already.
  RisingStamps late;
  constexpr std::int64_t kNow = 1'700'000'600'000;
  CHECK(late.next_event(1'700'000'000'000, kNow).clock_s == 1'700'000'000);
  CHECK(late.next_event(1'699'999'000'000, kNow).clock_s == 1'700'000'000);
  CHECK(late.next_event(1'700'000'000'000, kNow).ns == 2);
  CHECK(late.next_event(kNow + 5'000, kNow).clock_s == kNow / 1000);

  const SystemClock clock;
  std::string info = "processed: 1; failed: 0; total: 1; seconds spent: 0.000055";
  OneShotServer server([&](const std::string& r) {
    return r.size() > 13 && r.back() == '}' ? zabbix_answer(R"({"response":"success","info":")" + info + "\"}") : "";
  });
  auto target = make_zabbix_target("zabbix", server.address(), "Weir", clock);
  REQUIRE(target.has_value());
  CHECK((*target)->send(sample("x")).kind == SendResult::Kind::kSent);
  info = "processed: 0; failed: 1; total: 1; seconds spent: 0.000055";
  const auto refused = (*target)->send(sample("x"));
  CHECK(refused.kind == SendResult::Kind::kRefused);
  CHECK(contains(refused.why, "no item weir.alert on host 'Weir'"));
  CHECK(server.requests().size() == 2);

  // What the host of a device refuses opens at the collector's, and closes at both.
  auto at_device = sample("x");
  at_device.incident.monitor_host = "edge-r1";
  CHECK((*target)->send(at_device).kind == SendResult::Kind::kRefused);
  REQUIRE(server.requests().size() == 4);
  const auto host_of = [&](std::size_t number, std::size_t value) {
    return boost::json::parse(server.requests()[number].substr(13)).at("data").at(value).at("host");
  };
  CHECK(host_of(2, 0) == "edge-r1");
  CHECK(host_of(3, 0) == "Weir");
  at_device.opens = false;
  info = "processed: 1; failed: 1; total: 2; seconds spent: 0.000055";
  CHECK((*target)->send(at_device).kind == SendResult::Kind::kSent);
  CHECK(host_of(4, 0) == "edge-r1");
  CHECK(host_of(4, 1) == "Weir");
  auto nobody = make_zabbix_target("zabbix", "127.0.0.1:1", "Weir", clock);
  CHECK((*nobody)->send(sample("x")).kind == SendResult::Kind::kUnreachable);
  CHECK_FALSE(make_zabbix_target("zabbix", "host:port", "Weir", clock).has_value());
}

TEST_CASE("webhook: JSON, signed, and what the answer means") {
  // Of "1700000000.{}", reckoned with openssl dgst -sha256 -hmac secret.
  CHECK(webhook_signature("secret", "1700000000", "{}") ==
        "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163");
  const SystemClock clock;
  std::string status = "200 OK";
  OneShotServer server([&](const std::string& r) {
    const auto head = r.find("\r\n\r\n");
    const auto length = r.find("Content-Length: ");
    if (head == std::string::npos || length == std::string::npos ||
        r.size() < head + 4 + std::stoul(r.substr(length + 16)))
      return std::string();
    return "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n";
  });
  auto target = make_webhook_target("webhook 1", "http://" + server.address() + "/in?x=1", "secret", clock);
  REQUIRE(target.has_value());
  CHECK((*target)->send(sample(kHostile)).kind == SendResult::Kind::kSent);
  const auto request = server.requests().at(0);
  CHECK(request.starts_with("POST /in?x=1 HTTP/1.1\r\n"));
  const auto header = [&](const std::string& name) {
    const auto at = request.find(name + ": ");
    return at == std::string::npos
               ? ""
               : request.substr(at + name.size() + 2, request.find("\r\n", at) - at - name.size() - 2);
  };
  const auto body = request.substr(request.find("\r\n\r\n") + 4);
  CHECK(header("X-Weir-Delivery") == "7");
  CHECK(header("X-Weir-Signature") == "sha256=" + webhook_signature("secret", header("X-Weir-Timestamp"), body));
  const auto json = boost::json::parse(body);
  CHECK(json.at("event") == "opened");
  CHECK(json.at("severity") == "high");
  status = "404 Not Found";
  CHECK((*target)->send(sample("x")).kind == SendResult::Kind::kRefused);
  status = "503 Busy";
  CHECK((*target)->send(sample("x")).kind == SendResult::Kind::kUnreachable);
  CHECK_FALSE(make_webhook_target("w", "ftp://x/", "", clock).has_value());
  CHECK_FALSE(make_webhook_target("w", "http://x/\r\nX: y", "", clock).has_value());
}

TEST_CASE("syslog: RFC 5424, escaped, by UDP and TCP") {
  const auto line = syslog_line(sample(kHostile), "my host");
  CHECK(line.starts_with(
      "<130>1 2023-11-14T22:13:20.123Z myhost weir - ALERT [weir@32473 id=\"0123456789abcdef\" state=\"firing\""));
  CHECK_FALSE(contains(line, "\n"));
  CHECK(contains(syslog_line(sample("x", false), "h"), "resolved: x"));
  auto odd = sample("x");
  odd.incident.key = "a\"]\\";
  CHECK(contains(syslog_line(odd, "h"), R"(key="a\"\]\\")"));

  namespace ip = boost::asio::ip;
  boost::asio::io_context io;
  ip::udp::socket receiver(io, {ip::address_v4::loopback(), 0});
  auto udp = make_syslog_target("syslog 1", "udp://127.0.0.1:" + std::to_string(receiver.local_endpoint().port()));
  REQUIRE(udp.has_value());
  CHECK((*udp)->send(sample("x")).kind == SendResult::Kind::kSent);
  char bytes[4096];
  CHECK(contains(std::string(bytes, receiver.receive(boost::asio::buffer(bytes))), "\xEF\xBB\xBFx"));

  OneShotServer server([](const std::string& r) { return contains(r, "\xEF\xBB\xBFx") ? "." : ""; });
  auto tcp = make_syslog_target("syslog 2", "tcp://" + server.address());
  CHECK((*tcp)->send(sample("x")).kind == SendResult::Kind::kSent);
  for (int i = 0; i < 400 && server.requests().empty(); ++i) std::this_thread::yield();
  CHECK_FALSE(make_syslog_target("s", "127.0.0.1:514").has_value());
}

TEST_CASE("mail: headers stay headers, the program's exit code counts") {
  const auto text = mail_text(sample(kHostile), "weir@example.org", {"noc@example.org"});
  const auto head = text.substr(0, text.find("\n\n"));
  CHECK_FALSE(contains(head, "\nBcc"));
  CHECK(contains(head, "To: noc@example.org\n"));
  CHECK(contains(mail_text(sample("Größe"), "", {"a@b"}), "Subject: =?UTF-8?B?W3dlaXJdIEdyw7bDn2U=?=\n"));

  const ScratchFolder folder;
  folder.write("sendmail", "#!/bin/sh\ncat > " + folder.file("mail") + "\n[ \"$1 $2\" = \"-t -i\" ]\n");
  std::filesystem::permissions(folder.file("sendmail"), std::filesystem::perms::owner_all);
  CHECK(make_mail_target("mail", folder.file("sendmail"), "", {"a@b"})->send(sample("x")).kind ==
        SendResult::Kind::kSent);
  CHECK(std::filesystem::file_size(folder.file("mail")) > 100);
  const auto failed = make_mail_target("mail", "/bin/false", "", {"a@b"})->send(sample("x"));
  CHECK(failed.kind == SendResult::Kind::kUnreachable);
  CHECK(
      contains(make_mail_target("mail", "/nowhere/sendmail", "", {"a@b"})->send(sample("x")).why, "/nowhere/sendmail"));
}

TEST_CASE("what is no host and port is told when the setting is read") {
  CHECK(parse_host_port("[2001:db8::1]:514", "1")->port == "514");
  CHECK(parse_host_port("[2001:db8::1]", "1")->port == "1");
  CHECK(parse_http_url("http://hooks.example/x?y=1")->path == "/x?y=1");
  for (const char* wrong : {"[::1]514", "[::1]:", "user@host", "host/x", "a b", "", "host:", "host:70000"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_host_port(wrong, "1").has_value());
  }
  CHECK_FALSE(parse_http_url("http://hooks.example?y=1").has_value());
}

TEST_CASE("the mail program gets no signals blocked and SIGPIPE not ignored, whatever the collector does") {
  const ScratchFolder folder;
  folder.write("sendmail", "#!/bin/sh\ncat > /dev/null\ngrep -E '^Sig(Blk|Ign)' /proc/self/status > " +
                               folder.file("signals") + "\n");
  std::filesystem::permissions(folder.file("sendmail"), std::filesystem::perms::owner_all);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  CHECK(make_mail_target("mail", folder.file("sendmail"), "", {"a@b"})->send(sample("x")).kind ==
        SendResult::Kind::kSent);
  std::signal(SIGPIPE, handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::ifstream file(folder.file("signals"));
  std::string name;
  std::uint64_t blocked_there = 1, ignored_there = ~std::uint64_t{0};
  file >> name >> std::hex >> blocked_there >> name >> ignored_there;
  CHECK(blocked_there == 0);
  CHECK((ignored_there >> (SIGPIPE - 1) & 1) == 0);  // glibc has two of its own there
}

TEST_CASE("route: a function chooses targets and text") {
  const std::vector<std::string> all{"zabbix", "mail"};
  const auto routed = [&](const std::string& body, std::string* message = nullptr) {
    auto script = RouteScript::load("route.lua", "return function(alert)\n" + body + "\nend", {});
    REQUIRE(script.has_value());
    auto incident = sample("text").incident;
    const auto targets = (*script)->targets_of(incident, all);
    if (message) *message = incident.message;
    if (!targets) return "error: " + targets.error().message;
    std::string names;
    for (const auto& t : *targets) names += t + " ";
    return names;
  };
  CHECK(routed("") == "zabbix mail ");
  CHECK(routed("return false") == "");
  CHECK(routed("if alert.severity == 'high' then return { 'mail' } end") == "mail ");
  std::string message;
  CHECK(routed("return { targets = { 'zabbix' }, message = alert.message:upper() .. '\\n' }", &message) == "zabbix ");
  CHECK(message == "TEXT ");
  CHECK(routed("return { message = 'new' }", &message) == "zabbix mail ");
  CHECK(message == "new");
  CHECK(contains(routed("return { 'pager' }"), "'pager', which is no target"));
  CHECK(contains(routed("return 5"), "gives no list"));
  CHECK(contains(routed("while true do end"), "stopped after"));
  CHECK(contains(routed("return alert.nothing.here"), "route.lua:2:"));
  CHECK(contains(RouteScript::load("route.lua", "return 5", {}).error().message, "returns a number"));
}

TEST_CASE("links open the window on the evidence") {
  CHECK(evidence_link("https://m/flows/", {1, 2}, "client 10.0.0.1 and port 80") ==
        "https://m/flows/#tab=hosts&from=1&to=2&filter=client%2010.0.0.1%20and%20port%2080");
  CHECK(evidence_link("", {1, 2}, "x").empty());
}
