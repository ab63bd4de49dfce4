// Parses a message into calls, runs them, and joins their answers.
#include "api/rpc.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <exception>
#include <utility>
#include <vector>

#include "api/json_writer.hpp"
#include "api/rpc_methods.hpp"

namespace weir {
namespace {

namespace json = boost::json;
using Reply = std::function<void(std::string)>;

// The calls of one message. Answers come in any order and go out together, in the order of the calls.
class Batch {
 public:
  Batch(std::size_t calls, bool is_list, RpcDone done)
      : answers_(calls), open_(calls), is_list_(is_list), done_(std::move(done)) {}

  void answer(std::size_t i, std::string text) {
    answers_[i] = std::move(text);
    if (--open_ == 0) finish();
  }

 private:
  void finish() {
    if (!is_list_) return done_(std::move(answers_[0]));
    std::string text;
    for (const auto& answer : answers_) {
      if (!answer.empty()) text.append(text.empty() ? "[" : ",").append(answer);
    }
    if (!text.empty()) text += ']';
    done_(std::move(text));
  }

  std::vector<std::string> answers_;
  std::size_t open_;
  const bool is_list_;
  const RpcDone done_;
};

std::string result_text(std::string_view id, const std::string& result) {
  std::string text;
  text.reserve(result.size() + id.size() + 40);
  return text.append(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":)").append(result).append("}");
}

// A request taken apart. `id` is JSON text; "" for a notification.
struct Request {
  std::string id;
  std::string_view method;
  json::object params;
};

// The id alone, as far as there is a usable one: errors are sent with it.
std::string request_id(const json::value& value) {
  const auto* object = value.if_object();
  const auto* id = object == nullptr ? nullptr : object->if_contains("id");
  if (id == nullptr || !(id->is_string() || id->is_int64() || id->is_uint64())) return "null";
  auto text = json::serialize(*id);
  return text.size() > kMaxRequestIdLength ? "null" : text;
}

RpcResult<Request> parse_request(json::value& value) {
  const auto invalid = [](std::string what) {
    return RpcError{.code = RpcCode::kInvalidRequest, .message = "Invalid request: " + what};
  };
  auto* object = value.if_object();
  if (object == nullptr) return invalid("a call has to be an object");
  const auto* version = object->if_contains("jsonrpc");
  if (version == nullptr || *version != json::value("2.0")) return invalid("jsonrpc has to be \"2.0\"");
  const auto* method = object->if_contains("method");
  if (method == nullptr || !method->is_string()) return invalid("method has to be text");

  Request request{.method = method->get_string()};
  if (const auto* id = object->if_contains("id")) {
    request.id = request_id(value);
    if (request.id == "null" && !id->is_null()) {
      return invalid("id has to be a whole number, or text of up to " + std::to_string(kMaxRequestIdLength) + " bytes");
    }
  }
  if (auto* params = object->if_contains("params")) {
    if (!params->is_object())
      return RpcError{.code = RpcCode::kInvalidParams,
                      .message = "Invalid params: params has to be an object (by name)"};
    request.params = std::move(params->get_object());
  }
  return request;
}

RpcResult<std::string> run_guarded(RpcHandler handler, const RpcCall& call) {
  try {
    return handler(call);
  } catch (const std::exception& e) {
    return RpcError{.code = RpcCode::kInternal, .message = std::string("Internal error: ") + e.what()};
  }
}

// What a query tells of itself while it runs; on its query thread.
class Progress {
 public:
  Progress(ApiServices& services, std::weak_ptr<RpcSession> session, std::string id)
      : services_(services),
        session_(std::move(session)),
        id_(std::move(id)),
        next_ms_(services.clock.now_ms() + kProgressAfterMs) {}

  void operator()(std::uint64_t done, std::uint64_t total) {
    const auto now = services_.clock.now_ms();
    if (now < next_ms_) return;
    next_ms_ = now + kProgressAfterMs;
    JsonWriter w;
    w.begin_object().key("jsonrpc").text("2.0").key("method").text("query.progress").key("params").begin_object();
    w.key("id").raw(id_).key("done").number(done).key("total").number(total).end_object().end_object();
    boost::asio::post(services_.io, [session = session_, text = w.take()]() mutable {
      if (const auto open = session.lock()) open->notify(std::move(text));
    });
  }

 private:
  ApiServices& services_;
  const std::weak_ptr<RpcSession> session_;
  const std::string id_;
  std::int64_t next_ms_;
};

void run_query_call(ApiServices& services, const std::shared_ptr<RpcSession>& session, const RpcMethod& method,
                    Request request, TokenClaims claims, std::function<void(RpcResult<std::string>)> finish) {
  if (request.id.empty() && method.place == RpcPlace::kQueryThread)
    return finish(std::string{});  // a question that wants no answer
  const auto query = session->add_query(request.id);
  if (!query) {
    ++services.counters.queries_refused;
    return finish(RpcError{.code = RpcCode::kTooBusy,
                           .message = "Too many queries at once on this connection; wait for one to end"});
  }
  auto job = [&services, weak = std::weak_ptr(session), &method, query, id = request.id,
              params = std::move(request.params), claims = std::move(claims), client = session->client(),
              finish]() mutable {
    const auto started = services.clock.now_ms();
    RpcCall call{.services = services,
                 .claims = claims,
                 .params = params,
                 .control = query_control(services.backend, started, {.client = std::move(client)}, &query->cancelled,
                                          Progress(services, weak, id))};
    call.control.over_limit = &query->over_limit;
    RpcResult<std::string> result = RpcError{.code = RpcCode::kCancelled, .message = "Cancelled"};
    if (!query->cancelled) result = run_guarded(method.handler, call);
    if (query->displaced && !result) result = place_lost();
    const auto ended = services.clock.now_ms();
    if (query->over_limit) services.counters.queries_over_limit.note(ended, call.control.asker.client);
    services.counters.query_seconds.observe_ms(ended - started);
    // `finish` owns the connection, which only the API thread may end: nothing of it stays in the job.
    boost::asio::post(services.io,
                      [weak, query, finish = std::exchange(finish, nullptr), result = std::move(result)]() mutable {
                        if (const auto open = weak.lock()) open->remove_query(query);
                        finish(std::move(result));
                      });
  };
  if (services.pool.try_run(
          {.client = session->client(), .run = std::move(job), .give_up = [query] { query->give_up(); }}))
    return;
  session->remove_query(query);
  ++services.counters.queries_refused;
  finish(RpcError{.code = RpcCode::kTooBusy, .message = "Too many queries at once; try again"});
}

void run_call(ApiServices& services, const std::shared_ptr<RpcSession>& session, json::value& value, Reply answer) {
  auto parsed = parse_request(value);
  if (!parsed) {
    ++services.counters.failed_calls;
    services.log.error(session->connection(), parsed.error().message);
    return answer(rpc_error_text(request_id(value), parsed.error()));
  }
  auto finish = [&services, connection = session->connection(), id = parsed->id,
                 answer](RpcResult<std::string> result) {
    if (!result) {
      services.log.error(connection, result.error().message);
      ++services.counters.failed_calls;
      if (result.error().param.ends_with("filter")) ++services.counters.filters_refused;
      if (result.error().code == RpcCode::kCancelled) ++services.counters.queries_cancelled;
      if (result.error().code == RpcCode::kInternal) ++services.counters.queries_failed;
    }
    if (id.empty()) return answer({});
    answer(result ? result_text(id, *result) : rpc_error_text(id, result.error()));
  };

  auto claims = session->claims(parsed->method == kConsoleMethod ? ClaimsFor::kConsole : ClaimsFor::kAll);
  if (!claims && parsed->method != kLoginMethod) return finish(claims.error());
  const auto* method = find_rpc_method(parsed->method);
  if (method == nullptr) {
    ++services.counters.unknown_calls;
    return finish(RpcError{
        .code = RpcCode::kUnknownMethod,
        .message = "Unknown method " + std::string(parsed->method.substr(0, 64)) + "; rpc.discover lists them"});
  }
  ++services.counters.calls[static_cast<std::size_t>(method - kRpcMethods.data())];
  // The login comes without claims, and is for everybody.
  if (claims && claims->role > method->least) {
    const auto message =
        method->least == Role::kAdmin
            ? std::string(method->name) + " needs a token with the role admin"
            : std::string("A token with the role viewer looks only: it acknowledges and silences nothing");
    return finish(RpcError{.code = RpcCode::kNotAllowed, .message = message});
  }
  if (method->place == RpcPlace::kSocketOnly && !session->is_socket()) {
    return finish(RpcError{.code = RpcCode::kInvalidRequest,
                           .message = std::string(method->name) + " works over a WebSocket (/ws) only"});
  }
  if (method->place == RpcPlace::kQueryThread || method->place == RpcPlace::kPoolThread) {
    return run_query_call(services, session, *method, *std::move(parsed), *std::move(claims), std::move(finish));
  }
  const TokenClaims nobody;
  finish(run_guarded(
      method->handler,
      {.services = services, .claims = claims ? *claims : nobody, .params = parsed->params, .session = session.get()}));
}

}  // namespace

std::string rpc_error_text(std::string_view id, const RpcError& error) {
  JsonWriter w;
  w.begin_object().key("jsonrpc").text("2.0").key("id").raw(id).key("error").begin_object();
  w.key("code").number(static_cast<int>(error.code)).key("message").text(to_valid_utf8(error.message));
  if (!error.param.empty()) {
    w.key("data").begin_object().key("param").text(to_valid_utf8(error.param));
    if (error.column != 0) w.key("column").number(error.column);
    w.key("message").text(to_valid_utf8(error.message)).end_object();
  }
  return w.end_object().end_object().take();
}

void dispatch_rpc(ApiServices& services, const std::shared_ptr<RpcSession>& session, std::string_view text,
                  RpcDone done) {
  boost::system::error_code failed;
  const json::parse_options options{.max_depth = kMaxJsonDepth};
  auto value = json::parse(text, failed, {}, options);
  if (failed) {
    ++services.counters.failed_calls;
    return done(
        rpc_error_text("null", {.code = RpcCode::kParse,
                                .message = "Parse error: the message is not JSON of at most " +
                                           std::to_string(kMaxJsonDepth) + " levels (" + failed.message() + ")"}));
  }
  auto* list = value.if_array();
  if (list != nullptr && (list->empty() || list->size() > kMaxBatch)) {
    ++services.counters.failed_calls;
    return done(rpc_error_text(
        "null", {.code = RpcCode::kInvalidRequest,
                 .message = "Invalid request: a batch has to hold 1 to " + std::to_string(kMaxBatch) + " calls"}));
  }
  const auto calls = list == nullptr ? 1 : list->size();
  const auto batch = std::make_shared<Batch>(calls, list != nullptr, std::move(done));
  for (std::size_t i = 0; i < calls; ++i) {
    run_call(services, session, list == nullptr ? value : (*list)[i],
             [batch, i](std::string answer) { batch->answer(i, std::move(answer)); });
  }
}

}  // namespace weir
