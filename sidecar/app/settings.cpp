// Reads the embedded schema once, and TOML against it.
#include "app/settings.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <boost/json.hpp>
#include <cassert>
#include <sstream>
#include <stdexcept>

#include "app/embedded_schema.hpp"

namespace weir {

namespace {

struct SettingRule {
  std::size_t position = 0;  // in the schema
  std::string description;
  enum class Kind { kInteger, kFlag, kText, kList } kind = Kind::kText;
  std::int64_t minimum = INT64_MIN, maximum = INT64_MAX;
  std::vector<std::string> allowed;  // of a text with fixed choices
  std::size_t min_items = 0, max_items = SIZE_MAX;
  std::variant<std::int64_t, bool, std::string, std::vector<std::string>> fallback;
};

std::vector<std::string> texts_of(const boost::json::value& array) {
  std::vector<std::string> texts;
  for (const auto& v : array.as_array()) texts.emplace_back(v.as_string());
  return texts;
}

SettingRule rule_of(const boost::json::object& p) {
  SettingRule rule;
  const auto* type = p.if_contains("type");
  const std::string name = type ? std::string(type->as_string()) : "string";
  const auto& fallback = p.at("default");
  if (name == "integer") {
    rule.kind = SettingRule::Kind::kInteger;
    rule.minimum = p.at("minimum").to_number<std::int64_t>();
    rule.maximum = p.at("maximum").to_number<std::int64_t>();
    rule.fallback = fallback.to_number<std::int64_t>();
  } else if (name == "boolean") {
    rule.kind = SettingRule::Kind::kFlag;
    rule.fallback = fallback.as_bool();
  } else if (name == "array") {
    rule.kind = SettingRule::Kind::kList;
    if (const auto* n = p.if_contains("minItems")) rule.min_items = n->to_number<std::size_t>();
    if (const auto* n = p.if_contains("maxItems")) rule.max_items = n->to_number<std::size_t>();
    rule.fallback = texts_of(fallback);
  } else {
    if (const auto* e = p.if_contains("enum")) rule.allowed = texts_of(*e);
    rule.fallback = std::string(fallback.as_string());
  }
  return rule;
}

const std::map<std::string, SettingRule>& rules() {
  static const std::map<std::string, SettingRule> kAll = [] {
    std::map<std::string, SettingRule> made;
    const auto schema = boost::json::parse(kConfigSchema);
    for (const auto& [section, s] : schema.at("properties").as_object()) {
      for (const auto& [name, p] : s.at("properties").as_object()) {
        auto rule = rule_of(p.as_object());
        rule.position = made.size();
        rule.description = std::string(p.at("description").as_string());
        made[std::string(section) + "." + std::string(name)] = std::move(rule);
      }
    }
    return made;
  }();
  return kAll;
}

// Of a URL only what says where it leads: its path, query and user name may be a secret, as those of webhooks are.
std::string without_secrets(const std::string& text) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const auto from = scheme + 3, to = std::min(text.find_first_of("/?#", from), text.size());
  const auto user = text.rfind('@', to);
  const auto host = user == std::string::npos || user < from ? from : user + 1;
  const bool cut = host != from || to + 1 < text.size();
  return text.substr(0, from) + text.substr(host, to - host) + (cut ? "/..." : "");
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& t : texts) all += (all.empty() ? "" : ", ") + t;
  return all;
}

std::string allowed_of(const SettingRule& rule) {
  switch (rule.kind) {
    case SettingRule::Kind::kInteger:
      return "a whole number from " + std::to_string(rule.minimum) + " to " + std::to_string(rule.maximum);
    case SettingRule::Kind::kFlag: return "true or false";
    case SettingRule::Kind::kList:
      return "a list of " + std::to_string(rule.min_items) + " to " + std::to_string(rule.max_items) + " texts";
    case SettingRule::Kind::kText: return rule.allowed.empty() ? "a text" : "one of " + joined(rule.allowed);
  }
  return "";
}

// The keys that share most with a mistyped one: those of its section, or the sections.
std::string keys_of(const std::string& section) {
  std::vector<std::string> names;
  for (const auto& [key, rule] : rules()) {
    const auto dot = key.find('.');
    const std::string name = section.empty() ? key.substr(0, dot) : key.substr(dot + 1);
    if ((section.empty() || key.substr(0, dot) == section) && (names.empty() || names.back() != name))
      names.push_back(name);
  }
  return joined(names);
}

}  // namespace

Settings::Settings() {
  for (const auto& [key, rule] : rules()) values_[key] = rule.fallback;
}

Settings Settings::load(const std::filesystem::path& file) {
  Settings settings;
  settings.file_ = std::filesystem::absolute(file);
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& e) {
    std::ostringstream where;
    where << file.string();
    if (e.source().begin.line) where << ", line " << e.source().begin.line << ", column " << e.source().begin.column;
    throw std::runtime_error(where.str() + ": " + std::string(e.description()));
  }
  for (const auto& [section, node] : table) {
    const std::string section_name(section.str());
    const auto* keys = node.as_table();
    const std::string known = keys_of(section_name);
    if (!keys || known.empty())
      throw std::runtime_error(file.string() + ": '" + section_name + "' is no section: the sections are " +
                               keys_of(""));
    for (const auto& [name, value] : *keys) {
      const std::string key = section_name + "." + std::string(name.str());
      const std::string where = file.string() + ", line " + std::to_string(value.source().begin.line) + ": " + key;
      if (!rules().count(key)) throw std::runtime_error(where + " is not known: [" + section_name + "] has " + known);
      if (const auto* i = value.as_integer()) {
        settings.assign(key, i->get(), where);
      } else if (const auto* b = value.as_boolean()) {
        settings.assign(key, b->get(), where);
      } else if (const auto* s = value.as_string()) {
        settings.assign(key, s->get(), where);
      } else if (const auto* a = value.as_array()) {
        std::vector<std::string> texts;
        for (const auto& item : *a) {
          const auto* text = item.as_string();
          if (!text) throw std::runtime_error(where + ": allowed is " + allowed_of(rules().at(key)));
          texts.push_back(text->get());
        }
        settings.assign(key, std::move(texts), where);
      } else {
        throw std::runtime_error(where + ": allowed is " + allowed_of(rules().at(key)));
      }
    }
  }
  return settings;
}

void Settings::assign(const std::string& key, Value value, const std::string& where) {
  const SettingRule& rule = rules().at(key);
  bool right = value.index() == rule.fallback.index();
  if (const auto* i = std::get_if<std::int64_t>(&value); right && i) right = *i >= rule.minimum && *i <= rule.maximum;
  if (const auto* l = std::get_if<std::vector<std::string>>(&value); right && l)
    right = l->size() >= rule.min_items && l->size() <= rule.max_items;
  if (const auto* s = std::get_if<std::string>(&value); right && s && !rule.allowed.empty()) {
    right = std::find(rule.allowed.begin(), rule.allowed.end(), *s) != rule.allowed.end();
  }
  if (!right) throw std::runtime_error(where + ": allowed is " + allowed_of(rule));
  values_[key] = std::move(value);
}

void Settings::set(const std::string& key, const std::string& value, const std::string& origin) {
  assign(key, value, origin);
}
void Settings::set(const std::string& key, std::vector<std::string> value, const std::string& origin) {
  assign(key, std::move(value), origin);
}

const Settings::Value& Settings::value(const std::string& key) const {
  const auto it = values_.find(key);
  assert(it != values_.end());
  return it->second;
}
std::int64_t Settings::integer(const std::string& key) const { return std::get<std::int64_t>(value(key)); }
bool Settings::flag(const std::string& key) const { return std::get<bool>(value(key)); }
const std::string& Settings::text(const std::string& key) const { return std::get<std::string>(value(key)); }
const std::vector<std::string>& Settings::list(const std::string& key) const {
  return std::get<std::vector<std::string>>(value(key));
}

std::filesystem::path Settings::path(const std::string& key) const {
  const std::filesystem::path p = text(key);
  return p.empty() || p.is_absolute() || file_.empty() ? p : file_.parent_path() / p;
}

namespace {

SettingReport::Value told_setting(SettingReport::Value value) {
  if (auto* text = std::get_if<std::string>(&value)) *text = without_secrets(*text);
  if (auto* list = std::get_if<std::vector<std::string>>(&value)) {
    for (auto& item : *list) item = without_secrets(item);
  }
  return value;
}

std::string setting_text(const SettingReport::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return joined(*list);
  return std::get<std::string>(value);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> Settings::changed() const {
  std::vector<std::pair<std::string, std::string>> changed;
  for (const auto& [key, v] : values_) {
    if (v != rules().at(key).fallback) changed.emplace_back(key, setting_text(told_setting(v)));
  }
  return changed;
}

std::vector<SettingReport> Settings::report() const {
  std::vector<SettingReport> report(rules().size());
  for (const auto& [key, rule] : rules()) {
    report[rule.position] = {.key = key,
                             .description = rule.description,
                             .value = told_setting(values_.at(key)),
                             .fallback = rule.fallback,
                             .allowed = allowed_of(rule)};
  }
  return report;
}

}  // namespace weir
