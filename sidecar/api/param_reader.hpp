// Reads a method's params field by field, says in words what is wrong with the first bad one, and refuses names that
// nobody asked for. One thread.
#pragma once
#include <boost/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/rpc_error.hpp"

namespace weir {

class ParamReader {
 public:
  // `prefix` stands before the names in messages: "query." for params within params.
  explicit ParamReader(const boost::json::object& params, std::string prefix = {})
      : params_(params), prefix_(std::move(prefix)) {}

  // Each returns nothing when the param is absent, or bad (then failed()).
  std::optional<std::string> text(std::string_view name, std::size_t max_length);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<bool> boolean(std::string_view name);
  // Position of the word in `words`.
  std::optional<std::size_t> word(std::string_view name, std::span<const std::string_view> words);
  std::optional<std::size_t> word(std::string_view name, std::initializer_list<std::string_view> words) {
    return word(name, std::span(words.begin(), words.size()));
  }
  const boost::json::object* object(std::string_view name);
  const boost::json::array* array(std::string_view name, std::size_t min, std::size_t max);
  // The value as it is; for what has more than one type.
  const boost::json::value* value(std::string_view name);

  // For a param that only the caller can judge.
  void fail(std::string_view name, const std::string& what, std::size_t column = 0);
  void require(std::string_view name);
  // Fails on params that were not asked for. Call last; then the first failure, if any.
  std::optional<RpcError> finish();
  bool failed() const { return error_.has_value(); }

 private:
  const boost::json::object& params_;
  const std::string prefix_;
  std::vector<std::string_view> known_;
  std::optional<RpcError> error_;
};

}  // namespace weir
