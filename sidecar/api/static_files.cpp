// Reads the files of the folder, and tells their types by suffix.
#include "api/static_files.hpp"

#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/hex_text.hpp"

namespace weir {
namespace {

namespace fs = std::filesystem;

std::string_view content_type(const fs::path& path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {{".html", "text/html; charset=utf-8"},
                                                                      {".js", "text/javascript; charset=utf-8"},
                                                                      {".mjs", "text/javascript; charset=utf-8"},
                                                                      {".css", "text/css; charset=utf-8"},
                                                                      {".svg", "image/svg+xml"},
                                                                      {".png", "image/png"},
                                                                      {".ico", "image/x-icon"},
                                                                      {".webp", "image/webp"},
                                                                      {".woff2", "font/woff2"},
                                                                      {".json", "application/json"},
                                                                      {".map", "application/json"},
                                                                      {".txt", "text/plain; charset=utf-8"},
                                                                      {".webmanifest", "application/manifest+json"}};
  const auto suffix = path.extension().string();
  for (const auto& [known, type] : kTypes) {
    if (suffix == known) return type;
  }
  return "application/octet-stream";
}

std::string etag_of(const std::string& content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(content.data(), content.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  return '"' + hex_text(std::span(digest).first(16)) + '"';
}

}  // namespace

StaticFiles::StaticFiles(const std::string& folder) {
  if (folder.empty()) return;
  std::uint64_t bytes = 0;
  try {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_symlink() || !entry.is_regular_file()) continue;
      bytes += entry.file_size();
      if (files_.size() == kMaxStaticFiles || bytes > kMaxStaticBytes) {
        throw std::runtime_error("more than " + std::to_string(kMaxStaticFiles) + " files or " +
                                 std::to_string(kMaxStaticBytes) + " bytes; it should be the built Flows window");
      }
      std::ifstream stream(entry.path(), std::ios::binary);
      if (!stream) throw std::runtime_error(entry.path().string() + " cannot be read");
      StaticFile file{.content = std::string(std::istreambuf_iterator<char>(stream), {}),
                      .content_type = std::string(content_type(entry.path()))};
      file.etag = etag_of(file.content);
      const auto path = "/" + fs::relative(entry.path(), folder).generic_string();
      // The bundler names what it puts into assets by a hash of the content.
      file.cache_control = path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      files_.emplace(path, std::move(file));
    }
    join_compressed();
  } catch (const std::exception& e) {
    throw std::runtime_error("api.web_dir: " + folder + ": " + e.what());
  }
}

// A compressed file is a form of the other, and no file of its own.
void StaticFiles::join_compressed() {
  constexpr std::string_view kSuffix = ".gz";
  for (auto at = files_.begin(); at != files_.end();) {
    const auto plain = at->first.ends_with(kSuffix)
                           ? files_.find(at->first.substr(0, at->first.size() - kSuffix.size()))
                           : files_.end();
    if (plain == files_.end()) {
      ++at;
      continue;
    }
    plain->second.gzip = std::move(at->second.content);
    at = files_.erase(at);
  }
}

const StaticFile* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path == "/" || path.empty() ? "/index.html" : std::string(path));
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace weir
