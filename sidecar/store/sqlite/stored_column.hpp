// The bytes of a column at rest (FORMAT.md): a small header, the dictionary, and the packed values with the bytes of
// equal weight together, which is what zstd compresses well. Pure functions; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "store/column.hpp"

struct ZSTD_CCtx_s;

namespace weir {

// Appends `column` to `out`, uncompressed.
void append_column(const Column& column, std::vector<std::uint8_t>& out);
// Reads one column that fills `bytes`. The error says what does not fit; no bytes can make it read outside of them.
Result<Column> read_column(std::span<const std::uint8_t> bytes);

// zstd with a content checksum. Keeps its working memory between calls; one thread at a time.
class Compressor {
 public:
  explicit Compressor(int level);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  std::vector<std::uint8_t> compress(std::span<const std::uint8_t> bytes);

 private:
  ZSTD_CCtx_s* context_;
  std::vector<std::uint8_t> room_;  // for the longest frame so far
};

// The bytes of one frame that Compressor made, at most `max_bytes`. The error says "damaged" when the checksum is
// wrong.
Result<std::vector<std::uint8_t>> decompress(std::span<const std::uint8_t> frame, std::size_t max_bytes);

}  // namespace weir
