// A Zabbix on loopback: its API, answered from lists that a test sets, and its trapper, which keeps what it is sent.
#pragma once
#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/one_shot_server.hpp"

namespace weir::testing {

namespace json = boost::json;

class FakeZabbixApi {
 public:
  struct Call {
    std::string method, head;
    json::object body;
    const json::object& params() const { return body.at("params").as_object(); }
  };

  FakeZabbixApi() : server_([this](const std::string& r) { return answer(r); }) {}

  std::string url() const { return "http://" + server_.address() + "/zabbix"; }
  // `result` answers `method` from now on.
  void set(const std::string& method, json::value result) {
    const std::lock_guard lock(mutex_);
    results_[method] = std::move(result);
  }
  void set_version(const std::string& version) { set("apiinfo.version", json::string(version)); }
  // Instead of 200; 0: an answer that is no HTTP.
  void set_status(int status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  // The header Date of every answer; "": none.
  void set_date(const std::string& date) {
    const std::lock_guard lock(mutex_);
    date_ = date;
  }
  // The body of every answer, whatever was asked; "": as usual.
  void set_body(const std::string& body) {
    const std::lock_guard lock(mutex_);
    body_ = body;
  }
  std::vector<Call> calls(const std::string& method = "") {
    const std::lock_guard lock(mutex_);
    std::vector<Call> some;
    for (const auto& call : calls_) {
      if (method.empty() || call.method == method) some.push_back(call);
    }
    return some;
  }

 private:
  std::string answer(const std::string& request) {
    const auto head = request.find("\r\n\r\n");
    const auto length = request.find("Content-Length: ");
    if (head == std::string::npos || length == std::string::npos ||
        request.size() < head + 4 + std::stoul(request.substr(length + 16)))
      return "";
    const std::lock_guard lock(mutex_);
    const auto body = json::parse(request.substr(head + 4)).as_object();
    calls_.push_back(
        {.method = std::string(body.at("method").as_string()), .head = request.substr(0, head), .body = body});
    if (status_ == 0) return "nonsense\r\n\r\n";
    const auto found = results_.find(calls_.back().method);
    json::object answer{{"jsonrpc", "2.0"}, {"id", body.at("id")}};
    if (found == results_.end()) {
      answer["error"] = {{"code", -32602}, {"message", "Invalid params."}, {"data", "Not authorized."}};
    } else {
      answer["result"] = found->second;
    }
    const auto text = body_.empty() ? json::serialize(answer) : body_;
    return "HTTP/1.1 " + std::to_string(status_) + " X\r\n" + (date_.empty() ? "" : "Date: " + date_ + "\r\n") +
           "Content-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  }

  std::mutex mutex_;
  std::map<std::string, json::value> results_;
  std::vector<Call> calls_;
  int status_ = 200;
  std::string body_, date_;
  OneShotServer server_;
};

class FakeTrapper {
 public:
  struct Value {
    std::string host, key, value;
    std::int64_t clock = 0, ns = 0;
  };
  FakeTrapper() : server_([this](const std::string& r) { return answer(r); }) {}

  std::string address() const { return server_.address(); }
  // Hosts that Zabbix does not know: their values count as failed.
  void refuse(const std::string& host) {
    const std::lock_guard lock(mutex_);
    refused_.insert(host);
  }
  void accept(const std::string& host) {
    const std::lock_guard lock(mutex_);
    refused_.erase(host);
  }
  // While down, it answers something else.
  void set_down(bool down) {
    const std::lock_guard lock(mutex_);
    down_ = down;
  }
  std::vector<Value> values() {
    const std::lock_guard lock(mutex_);
    return values_;
  }
  // The last value of an item; "" when there is none.
  std::string last(const std::string& host, const std::string& key) {
    std::string value;
    for (const auto& v : values()) {
      if (v.host == host && v.key == key) value = v.value;
    }
    return value;
  }

 private:
  std::string answer(const std::string& request) {
    if (request.size() < 13) return "";
    std::size_t length = 0;
    for (int i = 7; i >= 0; --i)
      length = length << 8 | static_cast<unsigned char>(request[5 + static_cast<std::size_t>(i)]);
    if (request.size() < 13 + length) return "";
    const std::lock_guard lock(mutex_);
    if (down_) return "down";
    int processed = 0, failed = 0;
    const auto sent = json::parse(request.substr(13));
    for (const auto& entry : sent.at("data").as_array()) {
      const auto text = [&](const char* name) { return std::string(entry.at(name).as_string()); };
      if (refused_.contains(text("host"))) {
        ++failed;
        continue;
      }
      ++processed;
      values_.push_back({.host = text("host"),
                         .key = text("key"),
                         .value = text("value"),
                         .clock = entry.at("clock").as_int64(),
                         .ns = entry.at("ns").as_int64()});
    }
    const auto data = json::serialize(
        json::object{{"response", "success"},
                     {"info", "processed: " + std::to_string(processed) + "; failed: " + std::to_string(failed) +
                                  "; total: " + std::to_string(processed + failed) + "; seconds spent: 0.000055"}});
    std::string reply("ZBXD\x01", 5);
    for (int i = 0; i < 8; ++i) reply += static_cast<char>(data.size() >> (8 * i) & 0xff);
    return reply + data;
  }

  std::mutex mutex_;
  std::set<std::string> refused_;
  std::vector<Value> values_;
  bool down_ = false;
  OneShotServer server_;
};

}  // namespace weir::testing
