// Result<T>: a value or an Error, for everything that network bytes or users' text can get wrong. Never thrown.
#pragma once
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir {

// No constructor of one argument: an Error that a lone string can become would make Result<std::string> ambiguous.
struct Error {
  Error() = default;
  Error(std::string what, std::size_t at_column) : message(std::move(what)), column(at_column) {}
  std::string message;     // what is wrong, where, and how to fix it
  std::size_t column = 0;  // 1-based position in the text it speaks of; 0: none
};

[[noreturn]] inline void throw_exception_from_error(const Error& e, const boost::source_location&) {
  throw std::runtime_error(e.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

inline Error error(std::string message, std::size_t column = 0) { return Error(std::move(message), column); }

}  // namespace weir
