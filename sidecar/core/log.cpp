// spdlog sinks: the visible one, and a ring of what went wrong.
#include "core/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <stdexcept>

#include "core/guarded.hpp"
#include "core/utf8.hpp"

namespace weir {

namespace {

class ErrorRing final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<LoggedError> newest_first() {
    const std::lock_guard lock(mutex_);
    return {kept_.rbegin(), kept_.rend()};
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& m) override {
    if (m.level < spdlog::level::warn) return;
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(m.time.time_since_epoch()).count();
    kept_.push_back({.at_ms = at,
                     .stage = std::string(m.logger_name.data(), m.logger_name.size()),
                     .message = std::string(m.payload.data(), m.payload.size())});
    if (kept_.size() > kKeptErrors) kept_.pop_front();
  }
  void flush_() override {}

 private:
  std::deque<LoggedError> kept_;
};

// One JSON object a line; the message escaped, whatever the network put into it.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& m, spdlog::memory_buf_t& out) override {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(m.time.time_since_epoch()).count();
    const auto level = spdlog::level::to_string_view(m.level);
    std::string line = "{\"ts_ms\":" + std::to_string(ms) + ",\"level\":\"" + std::string(level.data(), level.size()) +
                       "\",\"stage\":\"" + std::string(m.logger_name.data(), m.logger_name.size()) +
                       "\",\"message\":\"";
    std::string_view rest(m.payload.data(), m.payload.size());
    while (!rest.empty()) {
      static constexpr char kHex[] = "0123456789abcdef";
      const auto length = utf8_length(rest);
      const char c = length == 0 ? '?' : rest.front();
      const auto sequence = rest.substr(0, std::max<std::size_t>(1, length));
      rest.remove_prefix(sequence.size());
      if (sequence.size() > 1) {
        line += sequence;
      } else if (c == '"' || c == '\\') {
        line += '\\';
        line += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        line += "\\u00";
        line += kHex[c >> 4];
        line += kHex[c & 15];
      } else {
        line += c;
      }
    }
    line += "\"}\n";
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

// For systemd's journal, which stamps each line itself and takes its level from a number in front of it (sd-daemon(3)).
class JournalFormatter final : public spdlog::formatter {
 public:
  explicit JournalFormatter(std::unique_ptr<spdlog::formatter> line) : line_(std::move(line)) {}
  void format(const spdlog::details::log_msg& m, spdlog::memory_buf_t& out) override {
    const std::string level = "<" + std::to_string(syslog_level(m.level)) + ">";
    out.append(level.data(), level.data() + level.size());
    line_->format(m, out);
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JournalFormatter>(line_->clone());
  }

 private:
  static int syslog_level(spdlog::level::level_enum level) {
    if (level >= spdlog::level::critical) return 2;
    if (level == spdlog::level::err) return 3;
    if (level == spdlog::level::warn) return 4;
    return level == spdlog::level::info ? 6 : 7;
  }
  const std::unique_ptr<spdlog::formatter> line_;
};

// systemd names the device and inode of the journal's stream that it gave to the program.
bool is_journal(int fd) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat s {};
  return stream && fstat(fd, &s) == 0 && stream == std::to_string(s.st_dev) + ":" + std::to_string(s.st_ino);
}

struct LogState {
  std::shared_ptr<ErrorRing> ring = std::make_shared<ErrorRing>();
  spdlog::sink_ptr visible = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  spdlog::level::level_enum level = spdlog::level::info;
};
Guarded<LogState>& state() {
  static Guarded<LogState> s;
  return s;
}

bool parse_level(const std::string& text, spdlog::level::level_enum& level) {
  level = spdlog::level::from_str(text);
  return level != spdlog::level::off || text == "off";
}

}  // namespace

void start_logging(const LogSettings& settings) {
  state().with([&](LogState& s) {
    if (!parse_level(settings.level, s.level))
      throw std::runtime_error("log.level: '" + settings.level + "' is not trace, debug, info, warning or error");
    try {
      s.visible = std::make_shared<spdlog::sinks::stderr_sink_mt>();
      if (!settings.file.empty()) s.visible = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
    } catch (const spdlog::spdlog_ex& e) {
      throw std::runtime_error("log.file: '" + settings.file + "': " + e.what());
    }
    const bool journal = settings.file.empty() && is_journal(STDERR_FILENO);
    std::unique_ptr<spdlog::formatter> line = std::make_unique<JsonFormatter>();
    if (settings.format != "json")
      line = std::make_unique<spdlog::pattern_formatter>(journal ? "%-8n %v" : "%Y-%m-%d %H:%M:%S.%e %-7l %-8n %v");
    if (journal) line = std::make_unique<JournalFormatter>(std::move(line));
    s.visible->set_formatter(std::move(line));
  });
  spdlog::drop_all();
}

std::shared_ptr<spdlog::logger> log_of(const std::string& stage) {
  if (auto known = spdlog::get(stage)) return known;
  return state().with([&](LogState& s) {
    if (auto known = spdlog::get(stage)) return known;
    auto made = std::make_shared<spdlog::logger>(stage, spdlog::sinks_init_list{s.visible, s.ring});
    made->set_level(s.level);
    made->flush_on(spdlog::level::info);
    spdlog::register_logger(made);
    return made;
  });
}

std::vector<LoggedError> recent_errors() {
  return state().with([](LogState& s) { return s.ring->newest_first(); });
}

bool set_log_level(const std::string& level, const std::string& stage) {
  spdlog::level::level_enum parsed{};
  if (!parse_level(level, parsed)) return false;
  if (!stage.empty()) {
    log_of(stage)->set_level(parsed);
    return true;
  }
  state().with([&](LogState& s) { s.level = parsed; });
  spdlog::apply_all([&](const std::shared_ptr<spdlog::logger>& l) { l->set_level(parsed); });
  return true;
}

}  // namespace weir
