// The members of a JSON object that somebody else wrote, with the first one that is missing or wrong remembered. One
// thread.
#pragma once
#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

// What is wrong with the first member that is; shared by the objects of one answer.
struct JsonMistake {
  std::string what;
  void note(std::string_view member, std::string_view wanted) {
    if (what.empty()) what = std::string(member) + " is not " + std::string(wanted);
  }
};

class JsonMembers {
 public:
  JsonMembers(const boost::json::object& object, JsonMistake& mistake) : object_(object), mistake_(mistake) {}

  const boost::json::value* value(std::string_view name) const { return object_.if_contains(name); }
  std::uint64_t number(std::string_view name) const {
    const auto* found = value(name);
    if (found != nullptr && found->is_uint64()) return found->get_uint64();
    if (found != nullptr && found->is_int64() && found->get_int64() >= 0)
      return static_cast<std::uint64_t>(found->get_int64());
    mistake_.note(name, "a whole number");
    return 0;
  }
  template <class Narrow>
  Narrow narrow(std::string_view name) const {
    const auto wide = number(name);
    if (wide > std::numeric_limits<Narrow>::max()) mistake_.note(name, "a number that fits");
    return static_cast<Narrow>(wide);
  }
  std::int64_t time(std::string_view name) const { return static_cast<std::int64_t>(number(name)); }
  bool flag(std::string_view name) const {
    const auto* found = value(name);
    if (found != nullptr && found->is_bool()) return found->get_bool();
    mistake_.note(name, "true or false");
    return false;
  }
  // Absent is false.
  bool marked(std::string_view name) const { return value(name) != nullptr && flag(name); }
  // null and absent are "".
  std::string text(std::string_view name) const {
    const auto* found = value(name);
    if (found == nullptr || found->is_null()) return {};
    if (found->is_string()) return std::string(found->get_string());
    mistake_.note(name, "text");
    return {};
  }
  JsonMembers object(std::string_view name) const {
    static const boost::json::object kEmpty;
    const auto* found = value(name);
    if (found != nullptr && found->is_object()) return {found->get_object(), mistake_};
    mistake_.note(name, "an object");
    return {kEmpty, mistake_};
  }
  // f(JsonMembers) for each object of a list of at most so many, up to the first mistake.
  template <class F>
  void each(std::string_view name, std::size_t most, F&& f) const {
    for (const auto& item : list(name, most)) {
      if (item.is_object()) f(JsonMembers(item.get_object(), mistake_));
      else mistake_.note(name, "a list of objects");
      if (!mistake_.what.empty()) return;
    }
  }
  const boost::json::array& list(std::string_view name, std::size_t most) const {
    static const boost::json::array kEmpty;
    const auto* found = value(name);
    if (found != nullptr && found->is_array() && found->get_array().size() <= most) return found->get_array();
    mistake_.note(name, "a list of at most " + std::to_string(most));
    return kEmpty;
  }
  const boost::json::object& json() const { return object_; }
  JsonMistake& mistake() const { return mistake_; }

 private:
  const boost::json::object& object_;
  JsonMistake& mistake_;
};

}  // namespace weir
