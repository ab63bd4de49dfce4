// `weir run`: the pipeline until a signal ends it.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "app/commands.hpp"
#include "app/pipeline.hpp"
#include "app/service_notifier.hpp"
#include "app/version.hpp"
#include "core/counted.hpp"
#include "core/log.hpp"

namespace weir {

Settings load_settings(const CommonOptions& common) {
  Settings settings;
  if (!common.config.empty()) {
    settings = Settings::load(common.config);
  } else {
    for (const char* usual : {"weir.toml", "/etc/weir/weir.toml"}) {
      std::error_code ignored;
      if (!std::filesystem::exists(usual, ignored)) continue;
      settings = Settings::load(usual);
      break;
    }
  }
  if (!common.data.empty()) settings.set("store.dir", std::filesystem::absolute(common.data).string(), "--data");
  return settings;
}

namespace {

// In words; "" when everything that was received is stored.
std::string what_is_not_stored(const Pipeline& pipeline, const StopReport& report) {
  std::string text;
  const auto store = pipeline.store_status();
  if (store.dropped_sessions != 0) {
    text = counted(store.dropped_sessions, "session was", "sessions were") + " dropped" +
           (store.last_error.empty() ? "" : ", " + store.last_error);
  }
  if (const auto dropped = std::max(pipeline.datagrams_dropped(), report.datagrams_left); dropped != 0) {
    text += (text.empty() ? "" : "; ") + counted(dropped, "datagram was", "datagrams were") + " not decoded";
    if (report.datagrams_left != 0)
      text += ", " + std::to_string(report.datagrams_left) +
              " of them because the stop may not take longer (receive.stop_ms)";
  }
  return text;
}

// Until one of the signals comes; the service manager hears meanwhile that the collector works, as long as it does.
int wait_for(const sigset_t& signals, const Pipeline& pipeline, const ServiceNotifier& notifier) {
  const auto interval = notifier.alive_interval();
  std::uint64_t rounds = 0;
  for (;;) {
    int received = 0;
    if (interval.count() == 0) {
      sigwait(&signals, &received);
    } else {
      const timespec pause{.tv_sec = interval.count() / 1000, .tv_nsec = interval.count() % 1000 * 1'000'000};
      received = sigtimedwait(&signals, nullptr, &pause);
    }
    if (received > 0) return received;
    if (const auto now = pipeline.house_rounds(); now != rounds) {
      rounds = now;
      notifier.tell_alive();
    }
  }
}

// For the files of the day, after what waits was decoded (receive.stop_ms).
constexpr std::chrono::seconds kCloseStore{85};

}  // namespace

int run_command(const RunOptions& options) {
  Settings settings = load_settings(options.common);
  if (!options.listen.empty()) settings.set("receive.listen", options.listen, "--listen");
  if (!options.api.empty()) settings.set("api.listen", options.api, "--api");
  start_logging({.level = settings.text("log.level"),
                 .format = settings.text("log.format"),
                 .file = settings.path("log.file").string()});

  // Every thread that is started inherits this mask: signals wait for sigwait below.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, s);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const auto log = log_of("app");
  const SystemClock clock;
  Pipeline pipeline(settings, clock);
  pipeline.start();
  log->info("Weir {} collects into {}", kVersion, settings.path("store.dir").string());
  for (const auto& l : pipeline.listeners()) {
    log->info("flows: UDP {} (receive buffer {} KiB)", l.address, l.buffer_bytes / 1024);
    if (l.buffer_bytes < static_cast<std::uint64_t>(settings.integer("receive.socket_buffer_bytes")) / 2) {
      log->warn(
          "UDP {}: the kernel granted {} KiB of receive buffer; raise net.core.rmem_max to {} to lose nothing in "
          "bursts",
          l.address, l.buffer_bytes / 1024, settings.integer("receive.socket_buffer_bytes"));
    }
  }
  log->info("Flows window: {}://{} port {} (open it with a token: weir token --data {})",
            settings.text("api.tls_certificate").empty() ? "http" : "https", settings.text("api.listen"),
            pipeline.api_port(), settings.path("store.dir").string());

  const auto notifier = ServiceNotifier::from_environment();
  notifier.tell_ready("Collects into " + settings.path("store.dir").string());
  const int received = wait_for(signals, pipeline, notifier);
  notifier.tell_stopping(std::chrono::milliseconds(settings.integer("receive.stop_ms")) + kCloseStore);
  log->info("stopping on {}", received == SIGINT ? "Ctrl-C" : received == SIGTERM ? "SIGTERM" : "SIGHUP");
  const auto report = pipeline.stop();
  const auto lost = what_is_not_stored(pipeline, report);
  if (lost.empty()) {
    log->info("stopped; everything that came is stored");
    return 0;
  }
  log->error("stopped; not everything that came is stored: {}", lost);
  return 1;
}

}  // namespace weir
