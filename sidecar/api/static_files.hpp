// The Flows window's built files, read into memory at start: what is not in the table cannot be asked for, so no path
// can lead out of the folder. Immutable afterwards; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir {

inline constexpr std::size_t kMaxStaticFiles = 4096;
inline constexpr std::uint64_t kMaxStaticBytes = 128 << 20;

struct StaticFile {
  std::string content, content_type;
  std::string gzip;           // the content as the file beside it with .gz has it; "": there is none
  std::string etag;           // quoted, of the content
  std::string cache_control;  // files named by their content's hash may be kept for good
};

class StaticFiles {
 public:
  // Every regular file below `folder`; symbolic links are passed over. "" is an empty table. Throws std::runtime_error
  // naming api.web_dir when the folder cannot be read or is larger than the limits above.
  explicit StaticFiles(const std::string& folder);

  // `path` as in a request, without query: "/" is "/index.html". nullptr: no such file.
  const StaticFile* find(std::string_view path) const;
  std::size_t size() const { return files_.size(); }

 private:
  void join_compressed();

  std::unordered_map<std::string, StaticFile> files_;  // by path, which starts with a slash
};

}  // namespace weir
