// Whether a file changed since it was last looked at. Pure but for the look at the disk; any thread.
#pragma once
#include <string>

namespace weir {

// Changes whenever the file does (inode, size, time); "absent" when it cannot be looked at.
std::string file_stamp(const std::string& path);

}  // namespace weir
