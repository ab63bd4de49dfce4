// What a call answers: the JSON text of its result, or an error with one of the codes of the contract. Plain values.
#pragma once
#include <boost/system/result.hpp>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace weir {

// JSON-RPC 2.0 section 5.1, and the range that it leaves to the server.
enum class RpcCode : int {
  kParse = -32700,
  kInvalidRequest = -32600,
  kUnknownMethod = -32601,
  kInvalidParams = -32602,
  kInternal = -32603,
  kNotAuthenticated = -32001,
  kNotAllowed = -32002,
  kCancelled = -32003,
  kTooBusy = -32004,
  kOverLimit = -32005,  // takes more time or memory than a query may have
};

struct RpcError {
  RpcCode code = RpcCode::kInternal;
  std::string message;     // what, where, how to fix it
  std::string param;       // of kInvalidParams: the parameter at fault
  std::size_t column = 0;  // 1-based, in a filter; 0: none
};

[[noreturn]] inline void throw_exception_from_error(const RpcError& e, const boost::source_location&) {
  throw std::runtime_error(e.message);
}

template <class T>
using RpcResult = boost::system::result<T, RpcError>;

// Of an answer that has no place to say what is missing in it.
inline RpcError incomplete(const std::string& who, const std::string& why) {
  return {.code = RpcCode::kTooBusy,
          .message = who + " does not answer (" + why +
                     "), and a table cannot say that its flows are missing. Ask again later."};
}

// Of a call that waited while its client had the most places, and another client had none.
inline RpcError place_lost() {
  return {
      .code = RpcCode::kTooBusy,
      .message =
          "Too many queries at once: this one gave its place to another client; ask for fewer at a time, or try again"};
}

inline RpcError invalid_param(std::string param, const std::string& what, std::size_t column = 0) {
  auto message = "Invalid params: " + param + ": " + what;
  return {.code = RpcCode::kInvalidParams, .message = std::move(message), .param = std::move(param), .column = column};
}

}  // namespace weir
