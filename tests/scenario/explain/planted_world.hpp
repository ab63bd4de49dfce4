// A network with ordinary traffic in three stretches (last week, before, now), and incidents planted in it. Everything
// comes from a seed: addresses, sizes, times, how many.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "query/explain.hpp"
#include "store/memory_store.hpp"
#include "support/generated_sessions.hpp"

namespace weir::testing {

enum class Stretch : std::uint8_t { kLastWeek, kBefore, kNow };
inline constexpr Stretch kStretches[] = {Stretch::kLastWeek, Stretch::kBefore, Stretch::kNow};

// One conversation over a time, in sessions of up to a minute.
struct Conversation {
  IpAddress client, server;
  std::uint16_t client_port = 40'000, server_port = 443;
  std::uint8_t protocol = 6;
  std::uint64_t octets = 0;  // both ways
  double sent_by_client = 0.1;
  std::uint32_t exporter = 1, in_if = 1, out_if = 2;  // as the client's packets pass
};

class PlantedWorld {
 public:
  explicit PlantedWorld(std::uint64_t seed);

  Random& random() { return random_; }
  TimeRange range() const { return range_; }
  TimeRange range_of(Stretch stretch) const;
  std::int64_t length() const { return range_.to_ms - range_.from_ms; }
  // About what ordinary traffic has in a stretch.
  std::uint64_t ordinary_octets() const { return ordinary_octets_; }
  std::uint64_t ordinary_sessions() const { return sessions_; }

  IpAddress inside() { return clients_[random_.below(clients_.size())]; }
  IpAddress outside();  // one that has no ordinary traffic
  std::uint32_t exporters() const { return exporters_; }

  // Adds to what is stored. `from` and `to`: parts of the stretch, 0 to 1.
  void add(Stretch stretch, const Conversation& conversation, double from = 0, double to = 1);
  void add_one(Stretch stretch, const Conversation& conversation);  // a short session at any time
  // Every ordinary or added session of a stretch can be changed, and left out (false).
  void change(Stretch stretch, const std::function<bool(Session&)>& how);
  void each(Stretch stretch, const std::function<void(const Session&)>& see) const;
  void copy(Session session) { sessions_of_now_.push_back(session); }

  MemoryStore& store();
  Explanation explained(Measure measure = Measure::kOctets);

 private:
  void add_ordinary(Stretch stretch);
  void push(Stretch stretch, Session session);

  Random random_;
  TimeRange range_;
  std::uint32_t exporters_;
  std::uint64_t sessions_, ordinary_octets_ = 0;
  std::vector<IpAddress> clients_, servers_;
  std::vector<std::uint16_t> ports_;
  std::vector<double> activity_;
  std::vector<std::vector<Session>> stored_;  // by stretch
  std::vector<Session> sessions_of_now_;
  std::unique_ptr<MemoryStore> store_;
};

inline constexpr std::uint64_t kSeeds = 25;  // networks in which an incident is planted

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
inline double between(Random& random, double least, double most) { return least + (most - least) * random.unit(); }

// What the explanation says, line by line, with exporters named 192.0.2.x and services of a few ports.
std::string text_of(const Explanation& explanation);

}  // namespace weir::testing
