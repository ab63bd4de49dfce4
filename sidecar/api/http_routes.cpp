// Finds the route of a request, checks its token, and writes the reply.
#include "api/http_routes.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "api/export_csv.hpp"
#include "api/json_writer.hpp"
#include "api/origin_check.hpp"
#include "api/query_params.hpp"
#include "api/rpc.hpp"
#include "api/rpc_methods.hpp"
#include "api/rpc_session.hpp"

namespace weir {
namespace {

using Done = std::function<void(HttpReply)>;

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
std::string_view query_of(std::string_view target) {
  const auto mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

HttpReply plain_reply(unsigned status, std::string text) { return {.status = status, .body = std::move(text) + "\n"}; }

unsigned status_of(RpcCode code) {
  switch (code) {
    case RpcCode::kNotAuthenticated: return 401;
    case RpcCode::kNotAllowed: return 403;
    case RpcCode::kTooBusy:
    case RpcCode::kCancelled: return 503;
    case RpcCode::kInternal: return 500;
    case RpcCode::kOverLimit: return 422;
    default: return 400;
  }
}

HttpReply error_reply(const RpcError& error) {
  auto reply = plain_reply(status_of(error.code), to_valid_utf8(error.message));
  if (error.code == RpcCode::kNotAuthenticated) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

std::shared_ptr<RpcSession> log_in(ApiServices& services, const HttpRequest& request, std::string_view token) {
  auto session = std::make_shared<RpcSession>(services);
  session->keep_in_log(request.connection);
  session->comes_from(request.network);
  session->on_login(request.admit);
  if (!token.empty()) (void)session->log_in(token);
  return session;
}

std::function<void()> answer_rpc(ApiServices& services, const HttpRequest& request, Done done) {
  const auto session = log_in(services, request, bearer_token(request.authorization));
  const auto claims = session->claims(ClaimsFor::kConsole);  // of any use
  const unsigned status = claims ? 200 : status_of(claims.error().code);
  dispatch_rpc(services, session, request.body, [status, done = std::move(done)](std::string answer) {
    HttpReply reply{.status = status, .content_type = "application/json", .body = std::move(answer)};
    if (status == 200 && reply.body.empty()) reply.status = 204;
    if (status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    done(std::move(reply));
  });
  return [session] { session->close(); };
}

std::function<void()> answer_csv(ApiServices& services, const HttpRequest& request, Done done) {
  const auto query_string = query_of(request.target);
  std::string token(bearer_token(request.authorization));
  if (const auto pairs = decode_query_string(query_string); pairs && token.empty()) {
    for (const auto& [name, value] : *pairs) {
      if (name == "token") token = value;
    }
  }
  const auto session = log_in(services, request, token);
  auto claims = session->claims();
  auto query = parse_query_string(query_string);
  const auto refused = !claims ? std::optional(claims.error()) : !query ? std::optional(query.error()) : std::nullopt;
  if (refused) {
    if (refused->param.ends_with("filter")) ++services.counters.filters_refused;
    done(error_reply(*refused));
    return [] {};
  }
  const auto running = std::make_shared<RunningQuery>("");
  auto job = [&services, running, claims = *std::move(claims), query = *std::move(query), client = session->client(),
              done]() mutable {
    const auto started = services.clock.now_ms();
    HttpReply reply;
    try {
      auto control = query_control(services.backend, started, {.client = client}, &running->cancelled);
      control.over_limit = &running->over_limit;
      const auto result = run_allowed_query(services, claims, query, control);
      if (!result && running->displaced) reply = error_reply(place_lost());
      else if (result && !result->gaps.away.empty())
        reply = error_reply(incomplete(result->gaps.away.front().name, result->gaps.away.front().why));
      else
        reply = result ? HttpReply{.content_type = "text/csv; charset=utf-8; header=present",
                                   .body = query_result_csv(query, result->result),
                                   .headers = {{"Content-Disposition", "attachment; filename=\"flows.csv\""},
                                               {"Cache-Control", "no-store"}}}
                       : error_reply(result.error());
    } catch (const std::exception& e) {
      ++services.counters.queries_failed;
      reply = error_reply({.code = RpcCode::kInternal, .message = std::string("Internal error: ") + e.what()});
    }
    const auto ended = services.clock.now_ms();
    if (running->over_limit) services.counters.queries_over_limit.note(ended, client);
    services.counters.query_seconds.observe_ms(ended - started);
    // `done` owns the connection, which only the API thread may end: nothing of it stays in the job.
    boost::asio::post(services.io, [done = std::exchange(done, nullptr), reply = std::move(reply)]() mutable {
      done(std::move(reply));
    });
  };
  if (!services.pool.try_run(
          {.client = session->client(), .run = std::move(job), .give_up = [running] { running->give_up(); }})) {
    ++services.counters.queries_refused;
    done(error_reply({.code = RpcCode::kTooBusy, .message = "Too many queries at once; try again"}));
  }
  return [running] { running->cancelled = true; };
}

HttpReply metrics_reply(ApiServices& services, const HttpRequest& request) {
  if (!request.is_local) {
    const auto claims = log_in(services, request, bearer_token(request.authorization))->claims();
    if (!claims) return error_reply(claims.error());
    if (claims->exporters)
      return error_reply({.code = RpcCode::kNotAllowed, .message = "/metrics needs a token for all exporters"});
  }
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = build_metrics_text(services.backend, services.counters, services.pool, services.clock),
          .headers = {{"Cache-Control", "no-store"}}};
}

// RFC 9110 13.1.2: any of the listed tags, weak or not.
bool has_tag(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

// RFC 9110 12.5.3: gzip is listed, and not with a weight of 0. "*" is not taken for it.
bool takes_gzip(std::string_view accept_encoding) {
  for (std::size_t at = 0; at < accept_encoding.size();) {
    const auto end = std::min(accept_encoding.find(',', at), accept_encoding.size());
    auto coding = accept_encoding.substr(at, end - at);
    at = end + 1;
    coding.remove_prefix(std::min(coding.find_first_not_of(" \t"), coding.size()));
    const auto name = coding.substr(0, coding.find_first_of("; \t"));
    if (name != "gzip") continue;
    const auto weight = coding.find("q=");
    return weight == std::string_view::npos || coding.find_first_of("123456789", weight) != std::string_view::npos;
  }
  return false;
}

HttpReply file_reply(const ApiServices& services, const HttpRequest& request) {
  const auto path = path_of(request.target);
  const auto* file = services.files.find(path);
  if (file == nullptr && path == "/") {
    return plain_reply(200,
                       "Weir runs. The Flows window is not here: build it in plugin/web (npm ci, npm run build) and "
                       "name the folder in api.web_dir.");
  }
  if (file == nullptr)
    return plain_reply(
        404,
        "There is nothing here. /rpc, /ws, /metrics, /healthz and /export.csv are the API; / is the Flows window.");
  HttpReply reply{.content_type = file->content_type,
                  .headers = {{"ETag", file->etag}, {"Cache-Control", file->cache_control}}};
  // The tag is that of both forms, so it is a weak one (RFC 9110 8.8.3.3).
  if (!file->gzip.empty())
    reply.headers = {{"ETag", "W/" + file->etag}, {"Cache-Control", file->cache_control}, {"Vary", "Accept-Encoding"}};
  if (has_tag(request.if_none_match, file->etag)) {
    reply.status = 304;
  } else if (!file->gzip.empty() && takes_gzip(request.accept_encoding)) {
    reply.body = file->gzip;
    reply.headers.emplace_back("Content-Encoding", "gzip");
  } else {
    reply.body = file->content;
  }
  return reply;
}

HttpReply wrong_method(const char* allowed) {
  auto reply = plain_reply(405, std::string("This path takes ") + allowed);
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

}  // namespace

// RFC 6750 2.1; the scheme in any case (RFC 9110 11.1).
std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
  }
  return authorization.substr(kScheme.size());
}

bool path_is(std::string_view target, std::string_view name) {
  const auto path = path_of(target);
  return path.size() > name.size() && path.ends_with(name) && path[path.size() - name.size() - 1] == '/';
}

HttpReply refuse_foreign(ApiServices& services, std::string_view host, std::string_view origin) {
  const auto& allowed = services.settings.allowed_origins;
  if (services.on_loopback && !is_allowed_host(host, allowed)) {
    ++services.counters.hosts_refused;
    return plain_reply(403,
                       "This collector listens on loopback and does not go by the name in the Host header; "
                       "api.allowed_origins can add it");
  }
  if (!is_allowed_origin(origin, host, allowed)) {
    ++services.counters.origins_refused;
    return plain_reply(403, "Pages of this origin may not call the API; api.allowed_origins can add it");
  }
  return {.status = 0};
}

std::vector<std::pair<std::string, std::string>> security_headers(const ApiSettings& settings) {
  std::string ancestors = "'self'";
  for (const auto& origin : settings.allowed_origins) ancestors.append(" ").append(origin);
  return {{"Content-Security-Policy",
           "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; "
           "object-src 'none'; "
           "base-uri 'self'; form-action 'none'; frame-ancestors " +
               ancestors},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Resource-Policy", "same-origin"}};
}

std::function<void()> answer_http(ApiServices& services, HttpRequest request, Done done) {
  ++services.counters.http_requests;
  auto refused = refuse_foreign(services, request.host, request.origin);
  if (refused.status != 0) {
    done(std::move(refused));
    return [] {};
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (path_is(request.target, "rpc")) {
    if (request.method == "POST") return answer_rpc(services, request, std::move(done));
    done(wrong_method("POST"));
  } else if (!reads) {
    done(wrong_method("GET, HEAD"));
  } else if (path_is(request.target, "export.csv")) {
    return answer_csv(services, request, std::move(done));
  } else if (path_is(request.target, "ws")) {
    done(plain_reply(426, "This path speaks WebSocket"));
  } else if (path_of(request.target) == "/healthz") {
    done(plain_reply(200, "ok"));
  } else if (path_of(request.target) == "/metrics") {
    done(metrics_reply(services, request));
  } else {
    done(file_reply(services, request));
  }
  return [] {};
}

}  // namespace weir
