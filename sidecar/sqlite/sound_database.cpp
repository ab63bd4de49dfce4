// Checks a database before it is used, and sets a damaged one aside.
#include "sqlite/sound_database.hpp"

#include "core/log.hpp"
#include "sqlite/database.hpp"
#include "sqlite/database_files.hpp"

namespace weir {

namespace {
// What is wrong with the database that was set aside; "" when nothing is.
std::string set_aside_if_damaged(const std::string& path, std::int64_t now_ms) {
  std::string damage;
  try {
    Database database(path, Database::Access::kCreate);
    auto check = database.prepare("PRAGMA quick_check(1)");
    damage = check.step() ? check.text(0) : "";
    if (damage == "ok") return "";
  } catch (const SqliteError& e) {
    if (!e.is_damage()) throw;
    damage = e.what();
  }
  rename_database(path, path + kDamagedSuffix + std::to_string(now_ms));
  return damage;
}
}  // namespace

const std::string& sound_database(const std::string& path, std::int64_t now_ms, const std::string& stage, const std::string& consequence) {
  if (const auto damage = set_aside_if_damaged(path, now_ms); !damage.empty()) {
    log_of(stage)->warn("{} is damaged and was set aside ({}): {}", path, damage, consequence);
  }
  return path;
}

}  // namespace weir
