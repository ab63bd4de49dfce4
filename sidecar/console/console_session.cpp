// Nothing is read while a command runs: a connection holds one line and one answer.
#include "console/console_session.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "console/console_prompt.hpp"
#include "console/console_socket.hpp"
#include "console/console_table.hpp"

namespace weir {

namespace {

namespace asio = boost::asio;

constexpr int kPasswordTries = 3;
// RFC 857: the server says that it echoes, and does not, so that a password is not shown.
constexpr const char* kEchoOff = "\xff\xfb\x01";
constexpr const char* kEchoOn = "\xff\xfc\x01";

bool equal_in_constant_time(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// A page in a browser on this machine can make it send a request to any port: not for us.
bool is_http(const std::string& line) {
  static constexpr const char* kMethods[] = {"GET ",    "POST ",  "HEAD ",    "OPTIONS ", "PUT ",
                                             "DELETE ", "PATCH ", "CONNECT ", "TRACE "};  // RFC 9110 9.1
  return line.ends_with(" HTTP/1.1") || std::any_of(std::begin(kMethods), std::end(kMethods),
                                                    [&](const char* method) { return line.starts_with(method); });
}

// The prompt stands at the start of a line only when it is one.
std::string with_prompt(std::string text) {
  const std::string prompt = kConsolePrompt;
  if (text.starts_with(prompt)) text.insert(0, " ");
  for (std::size_t at = 0; (at = text.find("\n" + prompt, at)) != std::string::npos; ++at) text.insert(at + 1, " ");
  return text + prompt;
}

// RFC 854: a line ends with CR LF.
std::string with_carriage_returns(const std::string& text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

ConsoleSession::ConsoleSession(ConsoleShared& shared, Socket socket, std::optional<ClientNetwork> telnet)
    : shared_(shared),
      socket_(std::move(socket)),
      telnet_(std::move(telnet)),
      idle_(shared.io),
      deadline_(shared.io),
      login_(shared.io),
      reader_(shared.settings.max_line_bytes),
      admitted_(!telnet_ || shared.password.empty()) {
  if (telnet_) place_ = shared_.telnet_places.enter(*this, *telnet_);
  else shared_.local_sessions.insert(this);
  ++shared_.counters.connections;
  if (telnet_) ++shared_.counters.telnet_connections;
}

ConsoleSession::~ConsoleSession() { close(); }

void ConsoleSession::start() {
  if (admitted_) {
    if (!telnet_ || admit()) ask();
    return;
  }
  login_.expires_after(std::chrono::milliseconds(shared_.settings.login_timeout_ms));
  login_.async_wait([self = shared_from_this()](boost::system::error_code failed) {
    if (failed || self->closed_ || self->admitted_) return;
    ++self->shared_.counters.login_timeouts;
    self->close();
  });
  ask();
}

bool ConsoleSession::admit() {
  if (shared_.telnet_places.admit(place_)) return true;
  ++shared_.counters.connections_refused;
  close();
  return false;
}

void ConsoleSession::close() {
  if (closed_) return;
  closed_ = true;
  if (telnet_) shared_.telnet_places.leave(place_);
  else shared_.local_sessions.erase(this);
  --shared_.counters.connections;
  if (telnet_) --shared_.counters.telnet_connections;
  login_.cancel();
  if (cancelled_) *cancelled_ = true;
  idle_.cancel();
  deadline_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void ConsoleSession::ask() {
  write(admitted_ ? kConsolePrompt : std::string(kEchoOff) + "password: ", &ConsoleSession::wait_for_a_line);
}

void ConsoleSession::wait_for_a_line() {
  close_when_idle();
  next_line();
}

void ConsoleSession::close_when_idle() {
  idle_.expires_after(std::chrono::milliseconds(shared_.settings.idle_timeout_ms));
  idle_.async_wait([self = shared_from_this()](boost::system::error_code failed) {
    if (failed || self->closed_) return;
    ++self->shared_.counters.idle_closed;
    self->close();
  });
}

void ConsoleSession::next_line() {
  if (closed_) return;
  if (auto line = reader_.take(unread_)) return on_line(*std::move(line));
  if (!ended_) return read();
  if (auto line = reader_.rest()) return on_line(*std::move(line));
  close();
}

void ConsoleSession::read() {
  socket_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](boost::system::error_code failed, std::size_t bytes) {
                            if (self->closed_) return;
                            // A program may send its questions, say that this was all, and then read.
                            if (failed == asio::error::eof) self->ended_ = true;
                            else if (failed) return self->close();
                            self->unread_ = {self->buffer_.data(), bytes};
                            self->next_line();
                          });
}

void ConsoleSession::on_line(ConsoleLine line) {
  idle_.cancel();
  if (is_http(line.text)) {
    ++shared_.counters.foreign_closed;
    return close();
  }
  if (line.too_long) {
    ++shared_.counters.lines_refused;
    if (!admitted_) return on_password("");
    return answer(not_understood("the line is longer than " + std::to_string(shared_.settings.max_line_bytes) +
                                 " bytes (console.max_line_bytes)"));
  }
  if (!admitted_) return on_password(line.text);
  std::string_view rest = line.text;
  if (const auto* command = find_console_command(take_word(rest)); command != nullptr && command->run == nullptr)
    return close();
  run(std::move(line.text));
}

void ConsoleSession::on_password(const std::string& text) {
  const auto wait =
      shared_.brake.wait_ms(*telnet_, shared_.services.clock.steady_ms(), shared_.settings.login_timeout_ms);
  if (!wait)
    return write(std::string(kEchoOn) + "\nToo many wrong passwords have come; try again in a minute.\n",
                 &ConsoleSession::close);
  if (*wait == 0) return check_password(text);
  deadline_.expires_after(std::chrono::milliseconds(*wait));
  deadline_.async_wait([self = shared_from_this(), text](boost::system::error_code failed) {
    if (!failed && !self->closed_) self->check_password(text);
  });
}

void ConsoleSession::check_password(const std::string& text) {
  if (equal_in_constant_time(text, shared_.password)) {
    shared_.brake.right(*telnet_);
    admitted_ = true;
    login_.cancel();
    if (admit()) write(std::string(kEchoOn) + "\n" + kConsolePrompt, &ConsoleSession::wait_for_a_line);
    return;
  }
  shared_.brake.wrong(*telnet_, shared_.services.clock.steady_ms());
  shared_.counters.passwords_refused.note(shared_.services.clock.now_ms(), telnet_->text());
  const bool last = ++wrong_passwords_ >= kPasswordTries;
  deadline_.expires_after(std::chrono::milliseconds(shared_.settings.wrong_password_ms));
  deadline_.async_wait([self = shared_from_this(), last](boost::system::error_code failed) {
    if (failed || self->closed_) return;
    if (last)
      self->write(std::string(kEchoOn) + "\nThat was wrong " + std::to_string(kPasswordTries) + " times.\n",
                  &ConsoleSession::close);
    else self->write("\nThat is wrong.\npassword: ", &ConsoleSession::wait_for_a_line);
  });
}

void ConsoleSession::run(std::string line) {
  ++shared_.counters.commands;
  cancelled_ = std::make_shared<std::atomic<bool>>(false);
  auto job = [&shared = shared_, weak = weak_from_this(), cancelled = cancelled_, line = std::move(line)] {
    auto text = *cancelled ? std::string() : answer_console_line(shared.services, line, cancelled.get());
    asio::post(shared.io, [weak, text = std::move(text)]() mutable {
      if (const auto self = weak.lock()) self->answer(std::move(text));
    });
  };
  auto give_up = [cancelled = cancelled_] { *cancelled = true; };
  auto& pool = telnet_ ? shared_.telnet_pool : shared_.local_pool;
  if (!pool.try_run({.client = std::to_string(reinterpret_cast<std::uintptr_t>(this)),
                     .run = std::move(job),
                     .give_up = std::move(give_up)}))
    return answer(not_done("too much is asked at once; try again"));
  // Its handler keeps the connection while the command runs.
  deadline_.expires_after(std::chrono::milliseconds(shared_.settings.answer_timeout_ms));
  deadline_.async_wait([self = shared_from_this(), cancelled = cancelled_](boost::system::error_code failed) {
    if (failed) return;
    ++self->shared_.counters.answers_given_up;
    *cancelled = true;
  });
}

void ConsoleSession::answer(std::string text) {
  if (closed_) return;
  deadline_.cancel();
  cancelled_ = nullptr;
  if (text.size() > shared_.settings.max_answer_bytes) {
    ++shared_.counters.answers_cut;
    text.resize(text.rfind('\n', shared_.settings.max_answer_bytes) + 1);
    text += "(cut here: an answer has at most " + std::to_string(shared_.settings.max_answer_bytes) +
            " bytes, console.max_answer_bytes)\n";
  }
  write(with_prompt(std::move(text)), &ConsoleSession::wait_for_a_line);
}

void ConsoleSession::write(std::string text, void (ConsoleSession::*then)()) {
  if (closed_) return;
  outgoing_ = telnet_ ? with_carriage_returns(text) : std::move(text);
  // Who does not read is closed like who does not write.
  close_when_idle();
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = shared_from_this(), then](boost::system::error_code failed, std::size_t) {
                      if (self->closed_) return;
                      if (failed) return self->close();
                      ((*self).*then)();
                    });
}

}  // namespace weir
