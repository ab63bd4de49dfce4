// Thin wrapping of sqlite3.h; no policy beyond the journal mode and the waiting.
#include "sqlite/database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <utility>

namespace weir {

namespace {

constexpr int kReaderWaitMs = 10'000, kWriterWaitMs = 2'000;
constexpr std::uint64_t kLogKeptBytes = 64u << 20;  // a larger log file is cut after a checkpoint

[[noreturn]] void fail(sqlite3* db, int code, const std::string& path) {
  const std::string what = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  throw SqliteError(path, what, code & 0xff);
}

// A file name as SQLite's URI form wants it.
std::string uri_of(const std::string& path, const char* query) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      static constexpr char kDigits[] = "0123456789abcdef";
      uri += {'%', kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
    } else {
      uri += c;
    }
  }
  return uri + query;
}

std::uint64_t size_of(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

}  // namespace

bool SqliteError::is_damage() const { return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB; }
bool SqliteError::is_refusal() const {
  return code_ == SQLITE_FULL || code_ == SQLITE_IOERR || code_ == SQLITE_READONLY;
}

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}
void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(db_, code, path_);
}
Statement& Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, index, value));
  return *this;
}
Statement& Statement::bind(int index, std::string_view text) {
  check(sqlite3_bind_text64(statement_, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind(int index, std::span<const std::uint8_t> blob) {
  check(sqlite3_bind_blob64(statement_, index, blob.data(), blob.size(), SQLITE_STATIC));
  return *this;
}
Statement& Statement::bind_null(int index) {
  check(sqlite3_bind_null(statement_, index));
  return *this;
}
bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(db_, code, path_);
}
void Statement::run() {
  step();
  check(sqlite3_reset(statement_));
}
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
bool Statement::is_integer(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_INTEGER; }
std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text ? text : "";
}
std::span<const std::uint8_t> Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(const std::string& path, Access access) : path_(path) {
  try {
    switch (access) {
      case Access::kCreate: open_for_writing(); break;
      case Access::kReadOnly: open_for_reading(); break;
      case Access::kSalvage:
        open(uri_of(path, ""), SQLITE_OPEN_READWRITE);
        // Lets SQLite read a file that is shorter than its header says.
        execute("PRAGMA writable_schema = ON");
        break;
    }
  } catch (...) {
    close();
    throw;
  }
  struct stat found {};
  if (stat(path.c_str(), &found) == 0) {
    device_ = found.st_dev;
    inode_ = found.st_ino;
  }
}

void Database::open_for_writing() {
  const bool is_new = size_of(path_) == 0;
  open(uri_of(path_, ""), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3_busy_timeout(db_, kWriterWaitMs);
  // A page holds most of a small segment's columns; the log is moved by hand (checkpoint), never within a commit. Pages
  // that become free can be given back (release_free_pages).
  if (is_new) {
    execute("PRAGMA page_size = 8192");
    execute("PRAGMA auto_vacuum = INCREMENTAL");
  }
  wants_log_ = !enter_log_mode();
  // Every commit reaches the disk: a power cut costs what was not committed, and nothing else. Beyond FULL, the end of
  // a rollback journal reaches it too: one that came back would undo the change of the journal mode.
  execute("PRAGMA synchronous = EXTRA");
  execute("PRAGMA wal_autocheckpoint = 0");
  keep_log_below(kLogKeptBytes);
}

// False when the disk has no room for it: what is stored can be read all the same.
bool Database::enter_log_mode() {
  try {
    auto mode = prepare("PRAGMA journal_mode = WAL");
    return mode.step() && mode.text(0) == "wal";
  } catch (const SqliteError& e) {
    if (!e.is_refusal() || number_of("PRAGMA user_version") == 0) throw;
    return false;
  }
}

void Database::open_for_reading() {
  // It must be rolled back before anything is read.
  if (has_journal()) roll_back_journal();
  try {
    open(uri_of(path_, ""), SQLITE_OPEN_READONLY);
    sqlite3_busy_timeout(db_, kReaderWaitMs);
    execute("SELECT count(*) FROM sqlite_master");
  } catch (const SqliteError& e) {
    // Without a right to write beside the file the log's index cannot be made; nor is it needed when there is no log.
    const bool refused = e.code() == SQLITE_CANTOPEN || e.code() == SQLITE_READONLY;
    if (!refused || size_of(path_) == 0 || log_bytes() != 0 || has_journal()) throw;
    close();
    follows_writers_ = false;
    open(uri_of(path_, "?immutable=1"), SQLITE_OPEN_READONLY);
    execute("SELECT count(*) FROM sqlite_master");
  }
}

bool Database::has_journal() const { return size_of(path_ + "-journal") != 0; }

// Leaves it where the right to write is missing; then the file cannot be read.
void Database::roll_back_journal() {
  try {
    open(uri_of(path_, ""), SQLITE_OPEN_READWRITE);
    sqlite3_busy_timeout(db_, kReaderWaitMs);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    execute("SELECT count(*) FROM sqlite_master");
  } catch (const SqliteError& e) {
    if (e.code() != SQLITE_CANTOPEN && e.code() != SQLITE_READONLY) throw;
  }
  close();
}

Database::~Database() { close(); }

void Database::open(const std::string& name, int flags) {
  const int code = sqlite3_open_v2(name.c_str(), &db_, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) fail(db_, code, path_);
}

void Database::close() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  statements_.clear();
  sqlite3_close_v2(std::exchange(db_, nullptr));
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(db_, code, path_);
}

Statement Database::prepare(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) {
    const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(db_, code, path_);
  }
  return {db_, statement, path_};
}

void Database::checkpoint() { sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr); }

void Database::leave_log_mode() {
  checkpoint();
  sqlite3_busy_timeout(db_, 0);
  sqlite3_exec(db_, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  sqlite3_busy_timeout(db_, kWriterWaitMs);
}

std::uint64_t Database::log_bytes() const { return size_of(path_ + "-wal"); }

void Database::keep_log_below(std::uint64_t bytes) {
  execute(("PRAGMA journal_size_limit = " + std::to_string(bytes)).c_str());
}

bool Database::has_table(std::string_view name) {
  return prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1").bind(1, name).step();
}

bool Database::is_in_place() const {
  struct stat found {};
  return stat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

void Database::copy_to(const std::string& path) {
  auto statement = prepare("VACUUM INTO ?1");
  statement.bind(1, std::string_view(path)).run();
}

std::int64_t Database::number_of(const char* sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::uint64_t Database::kept_bytes() {
  const auto pages = number_of("PRAGMA page_count") - number_of("PRAGMA freelist_count");
  return static_cast<std::uint64_t>(pages * number_of("PRAGMA page_size"));
}

void Database::release_free_pages() { execute("PRAGMA incremental_vacuum"); }

Transaction::Transaction(Database& database, bool immediate) : database_(database) {
  if (immediate && database_.wants_log_) database_.wants_log_ = !database_.enter_log_mode();
  database_.execute(immediate ? "BEGIN IMMEDIATE" : "BEGIN");
}
Transaction::~Transaction() {
  if (done_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const SqliteError&) {
    // SQLite has rolled back by itself.
  }
}
void Transaction::commit() {
  database_.execute("COMMIT");
  done_ = true;
}

}  // namespace weir
