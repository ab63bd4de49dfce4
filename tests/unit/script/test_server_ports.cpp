// The server-port script: what it may say, what its mistakes say back, and what a hostile one cannot do.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "script/server_ports.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

struct ScriptFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("weir-ports-" + std::to_string(getpid()) + ".lua");
  ~ScriptFile() { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path) << text; }
};

std::string failure_of(const std::string& text, LuaLimits limits = {}) {
  ScriptFile file;
  file.write(text);
  const auto loaded = load_server_ports(file.path.string(), limits);
  REQUIRE_FALSE(loaded.has_value());
  return loaded.error().message;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("ports, ranges and names reach the table") {
  ScriptFile file;
  file.write(R"(return { tcp = { [22] = "ssh", ["6000-6003"] = "x11", [9999] = true }, udp = { [53] = "dns" }, both = { [389] = "ldap" } })");
  const auto table = load_server_ports(file.path.string(), {});
  REQUIRE(table.has_value());
  const PortTable& t = **table;
  CHECK(t.is_server(6, 22));
  CHECK_FALSE(t.is_server(17, 22));
  CHECK(t.is_server(6, 6003));
  CHECK_FALSE(t.is_server(6, 6004));
  CHECK(t.is_server(6, 9999));
  CHECK(t.name(6, 9999).empty());
  CHECK(t.name(17, 389) == "ldap");
  CHECK(t.is_server(132, 22));
  CHECK(t.count() == 1 + 4 + 1 + 1 + 2);
}

TEST_CASE("the shipped list loads and knows the common services") {
  const auto table = load_server_ports(WEIR_SOURCE_DIR "/lua/server_ports.lua", {});
  REQUIRE(table.has_value());
  CHECK((*table)->name(6, 443) == "https");
  CHECK((*table)->name(17, 53) == "dns");
  CHECK((*table)->count() > 300);
}

TEST_CASE("a mistake names the file, the place and what is allowed") {
  CHECK(contains(failure_of("return {\n tcp = {\n [22] = \n}}"), ".lua:4:"));
  CHECK(contains(failure_of("return 7"), "return { tcp"));
  CHECK(contains(failure_of("return { tpc = {} }"), "'tpc' is not known: use tcp, udp or both"));
  CHECK(contains(failure_of("return { tcp = { [70000] = 'x' } }"), "70000 is not within 0 to 65535"));
  CHECK(contains(failure_of("return { tcp = { ['9-2'] = 'x' } }"), "\"9-2\" is not a port range"));
  CHECK(contains(failure_of("return { udp = { [53] = 1 } }"), "section udp, port 53: the value is a number"));
  CHECK(contains(load_server_ports("/nowhere/ports.lua", {}).error().message, "/nowhere/ports.lua: cannot be read"));
}

TEST_CASE("a hostile script is stopped within its bounds") {
  const LuaLimits tight{.instructions = 1'000'000, .memory_bytes = 4 << 20};
  CHECK(contains(failure_of("while true do end", tight), "stopped after 1000000 instructions"));
  CHECK(contains(failure_of("local s = 'x' while true do s = s .. s end", tight), "stopped: it needs more than"));
  CHECK(contains(failure_of("local t = {} for i = 1, 1e9 do t[i] = {} end", tight), "stopped: it needs more than"));
  CHECK(contains(failure_of("while true do pcall(string.rep, 'x', 3e6) end", {.instructions = 1u << 30, .milliseconds = 50}), "stopped after 50 ms"));
  CHECK(contains(failure_of("return string.rep('x', 1e9)", tight), "stopped: it needs more than"));
  CHECK(contains(failure_of("local function f() return 1 + f() end return f()", tight), "stopped: it needs more than"));
  CHECK(contains(failure_of("local c = coroutine.create(function() while true do end end) local ok, e = coroutine.resume(c) error(e)", tight), "stopped after"));
  CHECK(contains(failure_of("while true do pcall(function() while true do end end) end", tight), "stopped after"));
  CHECK(contains(failure_of("return ('a'):rep(5000):find('.-.-.-.-b')", tight), "too many repetitions"));
  // What C functions do outside of the instruction count.
  CHECK(contains(failure_of("return table.move({}, 1, 1e15, 2)", tight), "stopped after 1000000 instructions"));
  CHECK(contains(failure_of("return table.move({}, math.mininteger, math.maxinteger, 1, {})", tight), "stopped after"));
  CHECK(contains(failure_of("while true do pcall(table.move, {}, 1, 1e9, 2) end", tight), "stopped after"));
  CHECK(contains(failure_of("return ('('):rep(1e6):find('%b()')", tight), "too many repetitions"));
  CHECK(contains(failure_of("return ('a'):rep(1e6):find(('a'):rep(5e5) .. 'b')", tight), "too long"));
  CHECK(contains(failure_of("return ('a'):rep(1e6):find(('a'):rep(5e5) .. 'b', 1, true)", tight), "too long"));
  CHECK(contains(failure_of("local n = 0 while true do n = n + #(('a b '):rep(1000):gsub('%a', function() return 'x' end)) end", tight), "stopped after"));
  CHECK(contains(failure_of("local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end", tight), "stopped after"));
  CHECK(contains(failure_of("while true do local t = table.concat({('x'):rep(1e6)}) end", {.instructions = 1u << 30, .milliseconds = 50}), "stopped after 50 ms"));
  CHECK(contains(failure_of("local function f() local c = coroutine.create(f) return coroutine.resume(c) end while true do f() end", tight), "stopped"));
  CHECK(failure_of("error(('x'):rep(1e6))", tight).size() < 1200);
  CHECK(contains(failure_of("error('a\\nb\\27[31m')", tight), "a b [31m"));
  CHECK(contains(failure_of("return io.open('/etc/passwd')", tight), "'io'"));
  CHECK(contains(failure_of("return os.execute('true')", tight), "'os'"));
  CHECK(contains(failure_of("return load('return 1')", tight), "'load'"));
  CHECK(contains(failure_of("return string.dump(function() end)", tight), "'dump'"));
  CHECK(contains(failure_of("return ('').format('%d', debug.getinfo(1))", tight), "'debug'"));
  CHECK(contains(failure_of("error({})", tight), "raised a table"));
}

TEST_CASE("a changed file is loaded again; an error keeps the last good list") {
  ScriptFile file;
  ManualClock clock(1000);
  file.write("return { tcp = { [1] = 'one' } }");
  ServerPorts ports(file.path.string(), {}, clock);
  CHECK(ports.current()->is_server(6, 1));
  CHECK_FALSE(ports.poll());

  file.write("return { tcp = { [2] = 'two', } } -- longer");
  clock.set(2000);
  CHECK(ports.poll());
  CHECK(ports.current()->is_server(6, 2));
  CHECK(ports.status().loaded_ms == 2000);

  file.write("return { tcp = ");
  CHECK(ports.poll());
  CHECK(ports.current()->is_server(6, 2));
  CHECK(contains(ports.status().error, ".lua:1:"));
  CHECK_FALSE(ports.poll());

  std::filesystem::remove(file.path);
  CHECK(ports.poll());
  CHECK(contains(ports.status().error, "cannot be read"));
  CHECK(ports.current()->is_server(6, 2));
}
