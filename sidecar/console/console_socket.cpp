// /proc/self/fd/N/console.sock stands for a path that is too long.
#include "console/console_socket.hpp"

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace weir {

ConsoleEndpoint::ConsoleEndpoint(const std::string& path) {
  if (path.size() < sizeof(sockaddr_un::sun_path)) {
    endpoint_ = boost::asio::local::stream_protocol::endpoint(path);
    return;
  }
  const std::filesystem::path whole(path);
  folder_ = ::open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) throw std::runtime_error(whole.parent_path().string() + ": " + std::strerror(errno));
  endpoint_ = boost::asio::local::stream_protocol::endpoint("/proc/self/fd/" + std::to_string(folder_) + "/" +
                                                            whole.filename().string());
}

ConsoleEndpoint::~ConsoleEndpoint() {
  if (folder_ >= 0) ::close(folder_);
}

}  // namespace weir
