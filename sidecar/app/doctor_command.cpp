// `weir doctor`: what a running collector finds wrong with itself and its exporters; without one, what would keep it
// from starting or from working well.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "alert/rule_file.hpp"
#include "api/listen_endpoint.hpp"
#include "app/alert_settings.hpp"
#include "app/commands.hpp"
#include "app/console_client.hpp"
#include "app/pipeline.hpp"
#include "console/doctor_report.hpp"
#include "enrich/address_database.hpp"
#include "store/sqlite/inspection.hpp"

namespace weir {

namespace {

namespace fs = std::filesystem;
using boost::asio::ip::tcp;

constexpr std::uint64_t kLittleSpace = std::uint64_t{1} << 30;
constexpr std::size_t kMaxRuleFileBytes = 1 << 20;

class Nowhere final : public DatagramSink {
  void on_datagrams(std::span<const Datagram>) override {}
};

void examine_sockets(const Settings& s, DoctorReport& report) {
  Nowhere nowhere;
  const auto allowed = AllowedSenders::parse(s.list("receive.allow"));
  report.check(allowed.has_value(), allowed ? "" : allowed.error().message,
               "write networks such as 192.0.2.0/24, or leave it out: everybody may send then");
  for (const auto& text : s.list("receive.listen")) {
    const auto address = parse_listen_address(text);
    std::string problem = address ? "" : "receive.listen: " + address.error().message;
    std::uint64_t granted = 0;
    const auto wanted = static_cast<std::uint64_t>(s.integer("receive.socket_buffer_bytes"));
    if (address) {
      try {
        granted = UdpListener({*address}, wanted, nowhere).status().front().buffer_bytes;
      } catch (const std::exception& e) {
        problem = e.what();
      }
    }
    report.check(problem.empty(), problem, "ss -lunp shows who has a port");
    report.check(!problem.empty() || granted >= wanted,
                 "UDP " + text + ": the kernel gives a buffer of " + bytes_text(granted) + " of the " +
                     bytes_text(wanted) + " of receive.socket_buffer_bytes",
                 "bursts may be dropped: sysctl -w net.core.rmem_max=" + std::to_string(wanted) +
                     ", and keep it in /etc/sysctl.d");
  }
  const auto listen = s.text("api.listen");
  const auto endpoint = parse_listen_endpoint(listen);
  report.check(endpoint.has_value(), "api.listen = \"" + listen + "\": " + (endpoint ? "" : endpoint.error().message),
               "write 127.0.0.1:8710 or [::1]:8710");
  if (!endpoint) return;
  boost::asio::io_context io;
  tcp::acceptor acceptor(io);
  boost::system::error_code failed;
  acceptor.open(endpoint->protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(*endpoint, failed);
  if (!failed) acceptor.listen(1, failed);
  report.check(!failed, "TCP " + listen + ": " + failed.message(),
               "ss -ltnp shows who has the port; stop it, or set api.listen");
}

void examine_store(const Settings& s, DoctorReport& report) {
  const auto dir = s.path("store.dir");
  std::error_code failed;
  if (!fs::exists(dir)) {
    // It is made at the start.
    const auto parent = fs::absolute(dir).parent_path();
    report.check(::access(parent.c_str(), W_OK) == 0,
                 dir.string() + " does not exist, and cannot be made in " + parent.string(),
                 "make it, and give it to the collector's user: install -d -o USER " + dir.string());
    return;
  }
  report.check(::access(dir.c_str(), W_OK) == 0, dir.string() + " cannot be written by this user",
               "run this as the collector's user, or give the folder to it: chown -R USER " + dir.string());
  constexpr auto kOthers = fs::perms::group_read | fs::perms::group_write | fs::perms::others_all;
  report.check((fs::status(dir, failed).permissions() & kOthers) == fs::perms::none,
               "other users of this machine can read " + dir.string() + ", and so all flows",
               "chmod -R go= " + dir.string() + "; the next start does it too");
  const auto space = fs::space(dir, failed);
  const auto max_bytes = static_cast<std::uint64_t>(s.integer("store.max_bytes"));
  std::uint64_t used = 0;
  for (const auto& name : inspected_days(dir.string())) {
    const auto day = inspect_day(dir.string(), name, false);
    if (!day) continue;
    used += day->bytes;
    for (const auto& what : day->damage)
      report.check(false, what, "weir store check reads everything; the rest goes on without it");
  }
  if (failed) return;
  report.check(space.available > kLittleSpace,
               "the disk of " + dir.string() + " has " + bytes_text(space.available) + " left",
               "make room, or lower store.max_bytes");
  report.check(max_bytes == 0 || max_bytes <= used + space.available,
               "store.max_bytes is " + bytes_text(max_bytes) + ", and the disk has room for " +
                   bytes_text(used + space.available),
               "lower it, so that old days go before the disk is full");
}

void examine_scripts(const Settings& s, DoctorReport& report) {
  const auto ports = load_server_ports(server_ports_file(s), lua_limits(s));
  report.check(ports.has_value(), ports ? "" : ports.error().message,
               "fix the file; script.server_ports names another");
  const SystemClock clock;
  for (const auto& script : TrafficNameScripts(traffic_name_files(s), lua_limits(s), clock).status()) {
    report.check(script.error.empty(), script.error,
                 "fix the file; without it names of applications or networks are missing");
  }
  report.check(own_scripts_problem(s).empty(), own_scripts_problem(s), "make the folder, or leave the setting out");
  for (const auto& row : kAddressDatabases) {
    const std::string setting(row.setting), path = s.path(setting).string();
    if (path.empty()) continue;
    const auto loaded = load_address_labels(row, path);
    report.check(loaded.has_value(), loaded ? "" : loaded.error().message,
                 "give " + setting + " another file, or leave it out");
  }
  std::vector<std::string> folders;
  try {
    folders = rule_folders(s);
  } catch (const std::exception& e) {
    report.check(false, e.what(), "make the folder, or leave the setting out");
  }
  for (const auto& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".lua") continue;
      const auto path = entry.path().string();
      const auto source = read_text_file(path, kMaxRuleFileBytes);
      const auto loaded = source ? RuleFile::load(path, *source, lua_limits(s), false)
                                 : Result<std::unique_ptr<RuleFile>>(source.error());
      report.check(loaded.has_value(), loaded ? "" : loaded.error().message, "weir rules check " + path + " says more");
    }
  }
}

void examine_secret(const Settings& s, DoctorReport& report) {
  const auto secret = secret_file(s);
  struct stat status {};
  if (::stat(secret.c_str(), &status) != 0) return;  // it is made at the start
  report.check((status.st_mode & (S_IROTH | S_IWOTH)) == 0,
               secret.string() + " can be read by every user of this machine", "chmod o= " + secret.string());
  report.check(::access(secret.c_str(), R_OK) == 0, secret.string() + " cannot be read by this user",
               "run this as the collector's user");
}

}  // namespace

int doctor_command(const CommonOptions& common) {
  const Settings settings = load_settings(common);
  const auto data = settings.path("store.dir").string();
  if (collector_answers(data)) {
    ConsoleClient client(data);
    const auto answer = client.ask("doctor");
    if (!answer) throw client.lost();
    std::cout << *answer;
    return answer->find(" to mend\n") == std::string::npos ? 0 : 1;
  }
  DoctorReport report;
  examine_sockets(settings, report);
  examine_store(settings, report);
  examine_secret(settings, report);
  examine_scripts(settings, report);
  std::cout << "No collector runs on " << data << ".\n" << report.text("What it would start with");
  return report.findings() == 0 ? 0 : 1;
}

}  // namespace weir
