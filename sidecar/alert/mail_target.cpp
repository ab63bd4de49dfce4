// The mail goes to the program's standard input; its exit code says whether it was taken.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "alert/alert_text.hpp"
#include "alert/target.hpp"
#include "core/rfc3339.hpp"

extern char** environ;

namespace weir {

namespace {

// RFC 2047 2: encoded words for what is not ASCII, base64, of whole characters.
std::string header_text(const std::string& text) {
  bool ascii = true;
  for (const unsigned char c : text) ascii = ascii && c < 0x80;
  if (ascii) return text;
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.size(), at + 42);
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    std::string word;
    for (std::size_t i = at; i < end; i += 3) {
      const auto byte = [&](std::size_t k) { return k < end ? static_cast<unsigned char>(text[k]) : 0u; };
      const unsigned bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
      word += kDigits[bits >> 18 & 63];
      word += kDigits[bits >> 12 & 63];
      word += i + 1 < end ? kDigits[bits >> 6 & 63] : '=';
      word += i + 2 < end ? kDigits[bits & 63] : '=';
    }
    out += (out.empty() ? "" : "\n ") + std::string("=?UTF-8?B?") + word + "?=";
    at = end;
  }
  return out;
}

class MailTarget final : public AlertTarget {
 public:
  MailTarget(std::string name, std::string program, std::string from, std::vector<std::string> to)
      : name_(std::move(name)), program_(std::move(program)), from_(std::move(from)), to_(std::move(to)) {}
  const std::string& name() const override { return name_; }

  SendResult send(const Notification& n) override {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return unreachable(std::strerror(errno));
    // The whole mail lies in the socket's buffer before the program starts: should the collector die, it goes out whole
    // or not at all. The buffer holds more than a mail of ours, so that this does not wait.
    const auto text = mail_text(n, from_, to_);
    const auto sent = ::send(ends[0], text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(ends[0]);
    if (sent != static_cast<ssize_t>(text.size())) {
      close(ends[1]);
      return unreachable("the mail is too long");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    // The collector's signal mask, and that it ignores SIGPIPE, are not the program's.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string dash_t = "-t", dash_i = "-i";
    char* arguments[] = {program_.data(), dash_t.data(), dash_i.data(), nullptr};
    pid_t child = 0;
    const int code = posix_spawn(&child, program_.c_str(), &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (code != 0) return unreachable(std::strerror(code));
    const int status = wait_for(child);
    if (status == kLeftAlone) return unreachable("was still at work when the collector stopped");
    if (status == -1) return unreachable("did not end within " + std::to_string(kTargetTimeoutMs / 1000) + " s");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      return unreachable("ended with status " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : status));
    return {};
  }

 private:
  SendResult unreachable(const std::string& why) const {
    return {.kind = SendResult::Kind::kUnreachable, .why = program_ + ": " + why};
  }

  static constexpr int kLeftAlone = -2;
  // Status of the program, -1 when it was ended, kLeftAlone when it goes on by itself: the collector stops.
  int wait_for(pid_t child) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kTargetTimeoutMs);
    for (int status = 0;;) {
      if (waitpid(child, &status, WNOHANG) == child) return status;
      if (is_stopping()) return kLeftAlone;
      if (std::chrono::steady_clock::now() > deadline) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return -1;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  const std::string name_;
  std::string program_;
  const std::string from_;
  const std::vector<std::string> to_;
};

}  // namespace

std::string mail_text(const Notification& n, const std::string& from, const std::vector<std::string>& to) {
  const auto& i = n.incident;
  std::string receivers;
  for (const auto& address : to) receivers += (receivers.empty() ? "" : ", ") + plain_line(address, 200);
  std::string text;
  if (!from.empty()) text += "From: " + plain_line(from, 200) + "\n";
  text += "To: " + receivers + "\nSubject: " +
          header_text(std::string("[weir] ") + (n.opens ? "" : "resolved: ") + plain_line(i.message, 200)) +
          "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
          "8bit\nAuto-Submitted: auto-generated\nX-Weir-Id: " +
          i.id + "\n\n" + plain_line(i.message, kMaxMessageLength) + "\n\n";
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string(name) + ": " + value + "\n";
  };
  line("State", n.opens ? "firing" : "resolved");
  line("Severity", severity_name(i.severity));
  line("Rule", i.rule);
  line("Key", i.key);
  line("Since", rfc3339_text(i.since_ms));
  line("Fired", rfc3339_text(i.fired_ms));
  if (!n.opens) line("Resolved", rfc3339_text(i.resolved_ms));
  line("Filter", i.filter);
  line("Evidence", i.link);
  for (const auto& [name, value] : i.labels) line(name.c_str(), plain_line(value, 256));
  return text;
}

std::unique_ptr<AlertTarget> make_mail_target(std::string name, std::string program, std::string from,
                                              std::vector<std::string> to) {
  return std::make_unique<MailTarget>(std::move(name), std::move(program), std::move(from), std::move(to));
}

}  // namespace weir
