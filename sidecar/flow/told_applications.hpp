// What exporters call the applications that they classify. Names are told apart: one for each application, none for
// two. Immutable; any thread.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

// "13:453": classification engine and selector (RFC 6759 4.1).
std::string application_number_text(std::uint32_t id);

class ToldApplications {
 public:
  ToldApplications() = default;
  // Of all exporters: the application, and its name. One that they call differently gets no name. Names that `taken` or
  // another application has, but for case, get the number behind them.
  ToldApplications(const std::vector<std::pair<std::uint32_t, std::string>>& told,
                   const std::vector<std::string>& taken);

  bool empty() const { return names_.empty(); }
  // nullptr: nobody told one.
  const std::string* name_of(std::uint64_t id) const {
    const auto at = names_.find(static_cast<std::uint32_t>(id));
    return at == names_.end() ? nullptr : &at->second;
  }
  const std::map<std::uint32_t, std::string>& names() const { return names_; }

 private:
  std::map<std::uint32_t, std::string> names_;
};

}  // namespace weir
