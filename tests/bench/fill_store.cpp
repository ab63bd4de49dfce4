// fill_store DIR SESSIONS [SESSIONS_PER_S]: a data folder of what a border router exports (RouterSessions), written
// through the store as a collector does, ending at about now: for measurements over stored data. About two flows a
// session.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/log.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: fill_store DIR SESSIONS [SESSIONS_PER_S]\n");
    return 2;
  }
  const std::uint64_t sessions = std::strtoull(argv[2], nullptr, 10);
  const auto per_s = static_cast<std::uint32_t>(argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 600);
  start_logging({.level = "warning", .format = "text", .file = ""});
  const SystemClock clock;
  ExporterTable exporters(16);
  SqliteStore store({.dir = argv[1], .max_bytes = 0, .max_age_days = 0}, clock, exporters);
  auto* exporter = exporters.find_or_add(*parse_ip_address("192.0.2.1"));
  exporter->announced_sampling = 1;
  testing::RouterSessions generated(1, {.sessions_per_s = per_s},
                                    clock.now_ms() - static_cast<std::int64_t>(sessions * 1000 / per_s));
  const auto started = std::chrono::steady_clock::now();
  std::uint64_t id = store.next_session_id();
  for (std::uint64_t done = 0; done < sessions;) {
    auto rows = generated.next(std::min<std::uint64_t>(16'384, sessions - done));
    for (auto& row : rows) row.id = id++, row.exporter = exporter->id;
    done += rows.size();
    store.on_sessions({.sessions = std::move(rows), .final_below = id});
    if (done % (1 << 20) < 16'384)
      std::fprintf(stderr, "\r%llu of %llu sessions", static_cast<unsigned long long>(done),
                   static_cast<unsigned long long>(sessions));
  }
  store.close();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::fprintf(stderr, "\n");
  std::printf("%llu sessions in %.1f s, %.0f a second\n", static_cast<unsigned long long>(sessions), seconds,
              static_cast<double>(sessions) / seconds);
  return 0;
}
