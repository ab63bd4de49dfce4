// Turns the marks in an answer of the console into the outcome of a call.
#include "api/console_methods.hpp"

#include <boost/json.hpp>

#include "api/api_services.hpp"
#include "api/json_writer.hpp"
#include "api/param_reader.hpp"
#include "api/token.hpp"

namespace weir {

namespace {
constexpr std::size_t kMaxCommandLength = 4096;
}

RpcResult<std::string> console_run(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("command");
  const auto command = reader.text("command", kMaxCommandLength);
  if (command && command->find_first_of("\r\n") != std::string::npos) reader.fail("command", "has to be one line");
  if (auto failed = reader.finish()) return *std::move(failed);
  // What it tells is about all exporters.
  if (call.claims.exporters)
    return RpcError{.code = RpcCode::kNotAllowed, .message = "The console needs a token that reaches all exporters"};
  const auto answer = call.services.backend.console_answer(*command, call.claims.console_only, call.control.cancelled);
  if (call.control.cancelled != nullptr && *call.control.cancelled)
    return RpcError{.code = RpcCode::kCancelled, .message = "Cancelled"};
  const bool not_understood = answer.starts_with("? "), not_done = answer.starts_with("! ");
  JsonWriter w;
  w.begin_object().key("text").text(to_valid_utf8(std::string_view(answer).substr(not_understood || not_done ? 2 : 0)));
  w.key("outcome").text(not_understood ? "not_understood" : not_done ? "not_done" : "done").end_object();
  return w.take();
}

}  // namespace weir
