// A map of names, with its size in octets.
#include "flow/told_names.hpp"

#include <charconv>

namespace weir {

std::optional<std::uint64_t> told_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

const std::string* ToldNames::find(ToldKind kind, std::uint64_t id) const {
  const auto at = names_.find({kind, id});
  return at == names_.end() ? nullptr : &at->second;
}

bool ToldNames::has(ToldKind kind, std::uint64_t id, std::string_view text) const {
  const auto* known = find(kind, id);
  return known != nullptr && *known == text;
}

void ToldNames::set(ToldKind kind, std::uint64_t id, std::string text) {
  auto& name = names_[{kind, id}];
  text_bytes_ += text.size() - name.size();  // wraps round when it became shorter
  name = std::move(text);
}

void ToldNames::clear() {
  names_.clear();
  text_bytes_ = 0;
}

}  // namespace weir
