// Capture files through the reader: the input is the file.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "receive/capture_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("capture", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  auto reader = weir::CaptureReader::open(path);
  std::uint64_t datagrams = 0;
  for (bool more = reader.has_value(); more;) {
    weir::DatagramBatch batch;
    const auto outcome = reader->read(batch, 4096);
    datagrams += batch.size();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch[i].payload.size() > 65535 && batch[i].payload.size() > size) std::abort();
    }
    more = outcome && *outcome;
    if (!outcome && outcome.error().message.find(path) == std::string::npos) std::abort();
  }
  if (reader) {
    const auto c = reader->counters();
    if (c.datagrams != datagrams || c.datagrams + c.other + c.malformed > c.frames) std::abort();
  } else if (reader.error().message.find(path) == std::string::npos) {
    std::abort();
  }
  close(file);
  return 0;
}
