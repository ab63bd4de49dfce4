// Countries of addresses from a database in MaxMind's format, read again whenever the file changes. An error keeps the
// last good one. Any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/ip_address.hpp"
#include "core/result.hpp"

namespace weir {

// One file, whole in memory and looked through once: what happens to the file later does not matter. Immutable.
class CountryMap {
 public:
  // Takes country.iso_code (GeoLite2, DB-IP) or country_code (ip-location-db). Errors name the file and the reason.
  static Result<std::shared_ptr<const CountryMap>> load(const std::string& path);
  ~CountryMap();

  // Two letters, upper case; "" when unknown. ::ffff:a.b.c.d is looked up as IPv4.
  std::string country_of(const IpAddress& address) const;
  const std::string& type() const;  // what the file calls itself
  std::int64_t built_ms() const;

 private:
  struct File;
  explicit CountryMap(std::unique_ptr<File> file);
  const std::unique_ptr<File> file_;
};

struct CountryDatabaseStatus {
  std::string file;            // "": none is set
  std::int64_t loaded_ms = 0;  // 0: never
  std::string type;            // of the one in force
  std::int64_t built_ms = 0;
  std::string error;           // of the last attempt; "" when it went well
};

class CountryDatabase {
 public:
  // `path` "": there is none, and nothing is ever loaded.
  CountryDatabase(std::string path, const Clock& clock);

  // Looks whether the file changed (time, size or inode) and loads it if so. True when a new one took effect or a new
  // error appeared.
  bool poll();
  // Loads regardless of the file's stamp. True as poll().
  bool reload();
  // Null while none was loaded.
  std::shared_ptr<const CountryMap> current() const;
  // Asks what is current now, and keeps it; an empty function while none was loaded.
  std::function<std::string(const IpAddress&)> lookup() const;
  // Asks what is current at each call; an empty function when no file is set. Borrows this.
  std::function<std::string(const IpAddress&)> lasting_lookup() const;
  CountryDatabaseStatus status() const;

 private:
  struct State {
    std::shared_ptr<const CountryMap> map;
    CountryDatabaseStatus status;
  };
  bool load();

  const std::string path_;
  const Clock& clock_;
  std::mutex loading_;  // one load at a time; guards stamp_
  std::string stamp_;
  Guarded<State> state_;
};

}  // namespace weir
