// Collects names by application, then applications by name.
#include "flow/told_applications.hpp"

#include <algorithm>

namespace weir {

namespace {
std::string without_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}
}  // namespace

std::string application_number_text(std::uint32_t id) {
  return std::to_string(id >> 24) + ":" + std::to_string(id & 0xff'ffff);
}

ToldApplications::ToldApplications(const std::vector<std::pair<std::uint32_t, std::string>>& told,
                                   const std::vector<std::string>& taken) {
  std::set<std::uint32_t> disputed;
  for (const auto& [id, name] : told) {
    if (const auto [known, is_new] = names_.try_emplace(id, name); !is_new && known->second != name)
      disputed.insert(id);
  }
  for (const auto id : disputed) names_.erase(id);
  std::map<std::string, std::size_t> uses;
  for (const auto& name : taken) ++uses[without_case(name)];
  for (const auto& [id, name] : names_) ++uses[without_case(name)];
  for (auto& [id, name] : names_) {
    if (uses[without_case(name)] > 1) name += " (" + application_number_text(id) + ")";
  }
}

}  // namespace weir
