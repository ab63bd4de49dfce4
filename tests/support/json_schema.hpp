// Checks a JSON value against a schema file of schemas/, for tests. Knows the words that those files use (draft 7:
// type, properties, required, additionalProperties, items, enum, const, bounds, lengths, allOf, oneOf, anyOf, $ref to
// files) and fails on a word that it does not know, so that no rule is passed over.
#pragma once
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::testing {

class JsonSchema {
 public:
  explicit JsonSchema(const std::filesystem::path& file) : file_(file), schema_(load(file)) {}

  // "" when `value` follows the schema, else where it does not and why.
  std::string problem(const boost::json::value& value) const { return check(schema_, value, file_, "$"); }

 private:
  using Value = boost::json::value;
  using Path = std::filesystem::path;

  static Value load(const Path& file) {
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error("no schema " + file.string());
    return boost::json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
  }

  static bool has_type(const Value& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    throw std::runtime_error("schema type " + std::string(type));
  }

  static std::string check(const Value& schema_value, const Value& value, const Path& file, const std::string& at) {
    if (schema_value.is_bool()) return schema_value.get_bool() ? "" : at + ": nothing is allowed here";
    const auto& schema = schema_value.as_object();
    for (const auto& [word_view, rule] : schema) {
      const std::string_view word = word_view;
      auto found = check_word(word, rule, schema, value, file, at);
      if (!found.empty()) return found;
    }
    return {};
  }

  static std::string check_word(std::string_view word, const Value& rule, const boost::json::object& schema,
                                const Value& value, const Path& file, const std::string& at) {
    if (word == "$schema" || word == "title" || word == "description" || word == "default") return {};
    if (word == "x-method" || word == "x-notification") return {};  // who may call it, and so on: not about values
    if (word == "$ref") {
      const auto target = file.parent_path() / std::string(std::string_view(rule.as_string()));
      return check(load(target), value, target, at);
    }
    if (word == "type") {
      const auto types = rule.is_array() ? rule.get_array() : boost::json::array{rule};
      for (const auto& type : types) {
        if (has_type(value, std::string_view(type.as_string()))) return {};
      }
      return at + ": is not " + boost::json::serialize(rule);
    }
    if (word == "enum") {
      for (const auto& allowed : rule.as_array()) {
        if (allowed == value) return {};
      }
      return at + ": is none of " + boost::json::serialize(rule);
    }
    if (word == "allOf" || word == "oneOf" || word == "anyOf")
      return check_several(word, rule.as_array(), value, file, at);
    if (word == "minimum" || word == "maximum") {
      if (!value.is_number()) return {};
      const auto number = value.to_number<double>(), bound = rule.to_number<double>();
      return (word == "minimum" ? number >= bound : number <= bound)
                 ? ""
                 : at + ": " + std::string(word) + " " + boost::json::serialize(rule);
    }
    if (word == "minLength" || word == "maxLength") {
      if (!value.is_string()) return {};
      const auto length = static_cast<std::int64_t>(value.get_string().size());
      return (word == "minLength" ? length >= rule.as_int64() : length <= rule.as_int64())
                 ? ""
                 : at + ": " + std::string(word);
    }
    if (word == "minItems" || word == "maxItems") {
      if (!value.is_array()) return {};
      const auto items = static_cast<std::int64_t>(value.get_array().size());
      return (word == "minItems" ? items >= rule.as_int64() : items <= rule.as_int64()) ? ""
                                                                                        : at + ": " + std::string(word);
    }
    if (word == "pattern") {
      if (!value.is_string()) return {};
      const std::string text(std::string_view(value.get_string()));
      return std::regex_search(text, std::regex(std::string(std::string_view(rule.as_string()))))
                 ? ""
                 : at + ": does not match the pattern";
    }
    if (word == "items") {
      if (!value.is_array()) return {};
      for (std::size_t i = 0; i < value.get_array().size(); ++i) {
        auto found = check(rule, value.get_array()[i], file, at + "[" + std::to_string(i) + "]");
        if (!found.empty()) return found;
      }
      return {};
    }
    if (word == "properties" || word == "additionalProperties" || word == "required")
      return check_members(word, rule, schema, value, file, at);
    throw std::runtime_error("schema word " + std::string(word));
  }

  static std::string check_several(std::string_view word, const boost::json::array& parts, const Value& value,
                                   const Path& file, const std::string& at) {
    std::size_t fitting = 0;
    std::string last;
    for (const auto& part : parts) {
      auto found = check(part, value, file, at);
      if (found.empty()) ++fitting;
      else last = std::move(found);
    }
    const bool fits = word == "allOf" ? fitting == parts.size() : word == "oneOf" ? fitting == 1 : fitting > 0;
    return fits ? "" : at + ": " + std::string(word) + ": " + last;
  }

  static std::string check_members(std::string_view word, const Value& rule, const boost::json::object& schema,
                                   const Value& value, const Path& file, const std::string& at) {
    const auto* object = value.if_object();
    if (object == nullptr) return {};
    if (word == "required") {
      for (const auto& name : rule.as_array()) {
        if (!object->contains(name.as_string()))
          return at + ": has no " + std::string(std::string_view(name.as_string()));
      }
      return {};
    }
    const auto* properties = schema.if_contains("properties");
    for (const auto& [name, member] : *object) {
      const auto* own = properties == nullptr ? nullptr : properties->as_object().if_contains(name);
      const auto* applies = word == "properties" ? own : own == nullptr ? &rule : nullptr;
      if (applies == nullptr) continue;
      auto found = check(*applies, member, file, at + "." + std::string(std::string_view(name)));
      if (!found.empty()) return found;
    }
    return {};
  }

  const Path file_;
  const Value schema_;
};

}  // namespace weir::testing
