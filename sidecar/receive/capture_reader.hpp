// Reads export datagrams out of a capture file (pcap or pcapng): every UDP payload, with its IP source, its ports and
// the capture's time. The same batches come out as from a socket. One thread per reader.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "receive/datagram.hpp"

namespace weir {

struct CaptureCounters {
  std::uint64_t frames = 0;
  std::uint64_t datagrams = 0;             // handed on
  std::uint64_t other = 0;                 // frames that are not UDP over IP
  std::uint64_t malformed = 0;             // frames whose headers cannot be read
  std::uint64_t cut = 0;                   // datagrams of which the capture kept only the beginning; handed on
  std::uint64_t fragments = 0;             // frames that held a part of a datagram
  std::uint64_t incomplete_fragments = 0;  // datagrams whose parts did not all come
};

class CaptureReader {
 public:
  // The error names the file and what is wrong with it.
  static Result<CaptureReader> open(const std::string& path);
  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;
  ~CaptureReader();

  // Adds datagrams to `batch` until it holds about `batch_bytes`. False when the file has ended (the last datagrams may
  // come with it). A truncated or damaged file is an error that names the file and the place; datagrams before it have
  // been handed on by then, so look with check_capture first if that matters.
  Result<bool> read(DatagramBatch& batch, std::size_t batch_bytes = 1 << 20);

  // How far the reading is, in octets of the file; the total is 0 for what is not a regular file.
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const;
  CaptureCounters counters() const;

 private:
  struct State;
  explicit CaptureReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Reads the whole file and keeps nothing: whether it is a capture, undamaged to its end, and what is in it.
Result<CaptureCounters> check_capture(const std::string& path);

}  // namespace weir
