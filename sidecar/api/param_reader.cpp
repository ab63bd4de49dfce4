// Checks the type and the range of each param, and words the mistakes.
#include "api/param_reader.hpp"

#include <algorithm>

namespace weir {

namespace json = boost::json;

const json::value* ParamReader::value(std::string_view name) {
  known_.push_back(name);
  return params_.if_contains(name);
}

void ParamReader::fail(std::string_view name, const std::string& what, std::size_t column) {
  if (!error_) error_ = invalid_param(prefix_ + std::string(name), what, column);
}

void ParamReader::require(std::string_view name) {
  if (!params_.contains(name)) fail(name, "is missing");
}

std::optional<std::string> ParamReader::text(std::string_view name, std::size_t max_length) {
  const auto* v = value(name);
  if (v == nullptr) return std::nullopt;
  if (!v->is_string()) {
    fail(name, "has to be text");
    return std::nullopt;
  }
  if (v->get_string().size() > max_length) {
    fail(name, "is longer than " + std::to_string(max_length) + " bytes");
    return std::nullopt;
  }
  return std::string(std::string_view(v->get_string()));
}

std::optional<std::int64_t> ParamReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const auto* v = value(name);
  if (v == nullptr) return std::nullopt;
  const auto* number = v->if_int64();
  if (number == nullptr || *number < min || *number > max) {
    fail(name, "has to be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return *number;
}

std::optional<bool> ParamReader::boolean(std::string_view name) {
  const auto* v = value(name);
  if (v == nullptr) return std::nullopt;
  if (!v->is_bool()) {
    fail(name, "has to be true or false");
    return std::nullopt;
  }
  return v->get_bool();
}

std::optional<std::size_t> ParamReader::word(std::string_view name, std::span<const std::string_view> words) {
  const auto* v = value(name);
  if (v == nullptr) return std::nullopt;
  const auto found =
      v->is_string() ? std::find(words.begin(), words.end(), std::string_view(v->get_string())) : words.end();
  if (found == words.end()) {
    std::string allowed;
    for (const auto w : words) allowed.append(allowed.empty() ? "" : ", ").append(w);
    fail(name, "has to be one of " + allowed);
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - words.begin());
}

const json::object* ParamReader::object(std::string_view name) {
  const auto* v = value(name);
  if (v == nullptr) return nullptr;
  if (!v->is_object()) fail(name, "has to be an object");
  return v->if_object();
}

const json::array* ParamReader::array(std::string_view name, std::size_t min, std::size_t max) {
  const auto* v = value(name);
  if (v == nullptr) return nullptr;
  if (!v->is_array() || v->get_array().size() < min || v->get_array().size() > max) {
    fail(name, "has to be a list of " + std::to_string(min) + " to " + std::to_string(max));
    return nullptr;
  }
  return v->if_array();
}

std::optional<RpcError> ParamReader::finish() {
  for (const auto& entry : params_) {
    const std::string_view name = entry.key();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string allowed;
    for (const auto k : known_) allowed.append(allowed.empty() ? "" : ", ").append(k);
    fail(name.substr(0, 64),
         allowed.empty() ? "is not known; this method takes no params" : "is not known; allowed: " + allowed);
  }
  return error_;
}

}  // namespace weir
