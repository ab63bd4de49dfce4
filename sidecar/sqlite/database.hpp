// A SQLite connection and its statements. One thread at a time; errors are SqliteError with the file, the statement and
// SQLite's words.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace weir {

class SqliteError : public std::runtime_error {
 public:
  SqliteError(const std::string& path, const std::string& what, int code)
      : std::runtime_error(path + ": " + what), path_(path), code_(code) {}
  const std::string& path() const { return path_; }
  int code() const { return code_; }  // primary result code
  // The file's content is at fault, not the disk or the moment: SQLITE_CORRUPT or SQLITE_NOTADB.
  bool is_damage() const;
  // The disk has no room, or refuses to write: SQLITE_FULL, SQLITE_IOERR or SQLITE_READONLY.
  bool is_refusal() const;

 private:
  std::string path_;
  int code_;
};

// A prepared statement in use; resets itself when it goes. Parameters and columns count from 1 and 0, as in SQLite.
// Blobs and texts that are bound are borrowed until the next step().
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* statement, const std::string& path)
      : db_(db), statement_(statement), path_(path) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int index, std::int64_t value);
  Statement& bind_unsigned(int index, std::uint64_t value) { return bind(index, static_cast<std::int64_t>(value)); }
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::span<const std::uint8_t> blob);
  Statement& bind_null(int index);
  // True while there is a row.
  bool step();
  // Once, for statements that return no rows; then it may be bound again.
  void run();

  std::int64_t integer(int column) const;
  std::uint64_t unsigned_integer(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  bool is_null(int column) const;
  bool is_integer(int column) const;
  std::string text(int column) const;
  std::span<const std::uint8_t> blob(int column) const;  // valid until the next step()

 private:
  void check(int code) const;
  sqlite3* db_;
  sqlite3_stmt* statement_;
  const std::string& path_;
};

class Database {
 public:
  enum class Access { kCreate, kReadOnly, kSalvage };
  // kCreate: makes the file when it is missing, in WAL mode; on a full disk an existing file is opened for reading, and
  // the log comes with the first transaction that finds room. kReadOnly: writes nothing but the end of what a crash
  // left in the middle, waits when busy, and reads files of a folder that it must not write to, as long as no other
  // process has unfinished changes there. kSalvage: as kReadOnly, for a file that is damaged or cut short: it reads
  // what pages there are.
  Database(const std::string& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const char* sql);
  // Prepared once per text and kept. Not while another Statement of the same text is in use.
  Statement prepare(const char* sql);
  bool has_table(std::string_view name);
  // The first value of the first row; 0 when there is none, or NULL.
  std::int64_t number_of(const char* sql);
  const std::string& path() const { return path_; }

  // The path still names the file that was opened: nobody deleted it or put another one there.
  bool is_in_place() const;
  // A crash while the log mode was entered or left has left a journal: only a reader that is opened now can read.
  bool has_journal() const;
  // False for a reader that was opened as if nobody wrote the file: it may not see what is committed from now on.
  bool follows_writers() const { return follows_writers_; }
  // Writes all of it into a new file of this path, which must not exist.
  void copy_to(const std::string& path);
  // Bytes of the pages that hold something: without the log, and without free pages.
  std::uint64_t kept_bytes();
  // Gives free pages back to the file system, if the file was made for that. A checkpoint makes the file shorter.
  void release_free_pages();

  // Moves the write-ahead log into the file. Failing is harmless: the log stays and is tried again.
  void checkpoint();
  // A log that grew beyond this is cut after a checkpoint.
  void keep_log_below(std::uint64_t bytes);
  // Before closing for long: also does away with the log, so that readers need no right to write. Not possible, and
  // left undone, while others read.
  void leave_log_mode();
  std::uint64_t log_bytes() const;

 private:
  friend class Transaction;
  void open(const std::string& name, int flags);
  void close();
  void open_for_writing();
  void open_for_reading();
  void roll_back_journal();
  bool enter_log_mode();

  const std::string path_;
  std::uint64_t device_ = 0, inode_ = 0;
  bool follows_writers_ = true;
  bool wants_log_ = false;  // WAL mode could not be entered yet
  sqlite3* db_ = nullptr;
  std::unordered_map<std::string_view, sqlite3_stmt*> statements_;  // the texts are literals
};

// Rolls back unless committed.
class Transaction {
 public:
  // immediate: takes the write lock at once.
  Transaction(Database& database, bool immediate);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool done_ = false;
};

}  // namespace weir
