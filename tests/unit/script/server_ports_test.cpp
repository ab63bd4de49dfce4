// The server-port script: what it may say, what its mistakes say back, and what a hostile one cannot do.
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

#include "script/server_ports.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

struct ScriptFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("weir-ports-" + std::to_string(getpid()) + ".lua");
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
  file.write(
      R"(return { tcp = { [22] = "ssh", ["6000-6003"] = "x11", [9999] = true }, udp = { [53] = "dns" }, both = { [389] = "ldap" } })");
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

TEST_CASE("a script that was stopped is named, with its line where there is one") {
  const LuaLimits tight{.instructions = 1'000'000, .memory_bytes = 4 << 20};
  CHECK(contains(failure_of("local n = 0\nwhile true do n = n + 1 end", tight),
                 ".lua:2: stopped after 1000000 instructions"));
  CHECK(contains(failure_of("\n\nreturn table.move({}, 1, 1e15, 2)", tight),
                 ".lua:3: stopped after 1000000 instructions"));
  CHECK(contains(failure_of("return string.rep('x', 1e9)", tight), ".lua: stopped: it needs more than"));
  CHECK(contains(failure_of("error({})", tight), ".lua: the script raised a table"));
  CHECK(contains(failure_of("\x1bLua", tight), ".lua: attempt to load a binary chunk"));
}

TEST_CASE("a hostile script is stopped within its bounds") {
  const LuaLimits tight{.instructions = 1'000'000, .memory_bytes = 4 << 20};
  CHECK(contains(failure_of("while true do end", tight), "stopped after 1000000 instructions"));
  CHECK(contains(failure_of("local s = 'x' while true do s = s .. s end", tight), "stopped: it needs more than"));
  CHECK(contains(failure_of("local t = {} for i = 1, 1e9 do t[i] = {} end", tight), "stopped: it needs more than"));
  CHECK(contains(
      failure_of("while true do pcall(string.rep, 'x', 3e6) end", {.instructions = 1u << 30, .milliseconds = 50}),
      "stopped after 50 ms"));
  CHECK(contains(failure_of("return string.rep('x', 1e9)", tight), "stopped: it needs more than"));
  CHECK(contains(failure_of("local function f() return 1 + f() end return f()", tight), "stopped: it needs more than"));
  CHECK(contains(
      failure_of(
          "local c = coroutine.create(function() while true do end end) local ok, e = coroutine.resume(c) error(e)",
          tight),
      "stopped after"));
  CHECK(contains(failure_of("while true do pcall(function() while true do end end) end", tight), "stopped after"));
  CHECK(contains(failure_of("return ('a'):rep(5000):find('.-.-.-.-b')", tight), "too many repetitions"));
  // What C functions do outside of the instruction count.
  CHECK(contains(failure_of("return table.move({}, 1, 1e15, 2)", tight), "stopped after 1000000 instructions"));
  CHECK(contains(failure_of("return table.move({}, math.mininteger, math.maxinteger, 1, {})", tight), "stopped after"));
  CHECK(contains(failure_of("while true do pcall(table.move, {}, 1, 1e9, 2) end", tight), "stopped after"));
  CHECK(contains(failure_of("return ('('):rep(1e6):find('%b()')", tight), "too many repetitions"));
  CHECK(contains(failure_of("return ('a'):rep(1e6):find(('a'):rep(5e5) .. 'b')", tight), "too long"));
  CHECK(contains(failure_of("return ('a'):rep(1e6):find(('a'):rep(5e5) .. 'b', 1, true)", tight), "too long"));
  CHECK(contains(
      failure_of("local n = 0 while true do n = n + #(('a b '):rep(1000):gsub('%a', function() return 'x' end)) end",
                 tight),
      "stopped after"));
  CHECK(contains(failure_of("local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t, function(a, b) "
                            "return a > b end) end",
                            tight),
                 "stopped after"));
  CHECK(contains(failure_of("while true do local t = table.concat({('x'):rep(1e6)}) end",
                            {.instructions = 1u << 30, .milliseconds = 50}),
                 "stopped after 50 ms"));
  CHECK(contains(
      failure_of(
          "local function f() local c = coroutine.create(f) return coroutine.resume(c) end while true do f() end",
          tight),
      "stopped"));
  CHECK(failure_of("error(('x'):rep(1e6))", tight).size() < 1200);
  CHECK(contains(failure_of("error('a\\nb\\27[31m')", tight), "a b [31m"));
  CHECK(contains(failure_of("return io.open('/etc/passwd')", tight), "'io'"));
  CHECK(contains(failure_of("return os.execute('true')", tight), "'os'"));
  CHECK(contains(failure_of("return load('return 1')", tight), "'load'"));
  CHECK(contains(failure_of("return string.dump(function() end)", tight), "'dump'"));
  CHECK(contains(failure_of("return ('').format('%d', debug.getinfo(1))", tight), "'debug'"));
  CHECK(contains(failure_of("error({})", tight), "raised a table"));
}

TEST_CASE("work in the library's C code is bounded, too") {
  const LuaLimits brief{.instructions = 1u << 30, .milliseconds = 200, .memory_bytes = 16 << 20};
  const auto stops = [&](const std::string& text) {
    CAPTURE(text);
    const auto started = std::clock();
    const auto message = failure_of(text, brief);
    CAPTURE(message);
    CHECK((contains(message, "stopped") || contains(message, "too many repetitions")));
    CHECK(std::clock() - started < 5 * CLOCKS_PER_SEC);  // processor time of all of it, the last call included
  };
  stops("while true do string.rep('', 1 << 62) end");
  stops("while true do pcall(string.rep, 'x', 1 << 62, 'y') end");
  stops("return table.move({}, 1, 1 << 62, 2)");
  stops("local s = ('a'):rep(2e6) return s:find(('a'):rep(1e6) .. 'b', 1, true)");
  stops("local s = ('('):rep(2e6) return s:find('%b()')");
  stops("local s = ('a'):rep(7000) while true do s:find('.-b') end");
  stops("local s = ('a'):rep(300) while true do pcall(s.find, s, '.-.-b') end");
  stops("local s = ('a'):rep(20000) return s:gsub('(.*)%1b', '')");
  stops("local s, t = ('\\0'):rep(2e6), {} for i = 1, 50000 do t[i] = s .. (i % 3) end table.sort(t)");
  stops("local a, t = ('\\0'):rep(1e6) .. 'a', {} for i = 1, 50000 do t[i] = a end while true do table.sort(t) end");
  stops("local a, b = ('\\0'):rep(1e6) .. 'a', ('\\0'):rep(1e6) .. 'b' while true do local c = a < b end");
  stops("local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end");
  stops("local s = ('a'):rep(2e6) while true do utf8.len(s) end");
  stops("local s = ('a'):rep(1e6) while true do local t = s:upper() .. 'b' end");
  stops("while true do pcall(string.format, '%99.99f', 1e300) end");
  stops("return string.pack('c1000000000', '')");
  stops("return xpcall(function() while true do end end, function() while true do end end)");
  stops("while true do xpcall(function() while true do end end, function() return 1 end) end");
  stops("return xpcall(error, function() while true do end end)");
  stops("local function f() local c = coroutine.create(f) coroutine.resume(c) end while true do f() end");
  stops("while true do coroutine.resume(coroutine.create(function() for i = 1, 90 do end end)) end");
  stops(
      "local c = coroutine.create(function() while true do pcall(coroutine.yield) end end) while true do "
      "coroutine.resume(c) end");
  stops("::again:: goto again");
  stops("return ('x'):gsub('', function() while true do end end)");
}

TEST_CASE("metatables cannot be reached; an error's value is harmless, whatever it is") {
  for (const char* name : {"setmetatable", "getmetatable", "rawset", "debug", "require", "collectgarbage"})
    CHECK(contains(failure_of("return " + std::string(name) + "(('')) "), name));
  CHECK(contains(failure_of("local x <close> = {} return 1"), "non-closable"));
  CHECK(contains(failure_of("error(setmetatable)"), "raised a nil"));
  CHECK(failure_of("error(('x'):rep(1e6), 0)").size() <= 1100);
  CHECK(failure_of("error(42)").ends_with(".lua: 42"));
  // The text of the number does not fit any more.
  CHECK_FALSE(failure_of("local t = {} pcall(function() for i = 1, 1e9 do t[i] = { i } end end) error(12345.678)",
                         {.memory_bytes = 1 << 20})
                  .empty());
}

TEST_CASE("what the bounds wrap works as before") {
  ScriptFile file;
  const auto ports = [&](const std::string& body) {
    file.write(body);
    const auto loaded = load_server_ports(file.path.string(), {});
    return loaded ? std::to_string((*loaded)->count()) : loaded.error().message;
  };
  CHECK(ports("local t = { 3, 1, 2 } table.sort(t) assert(t[1] == 1 and t[3] == 3) table.sort(t, function(a, b) return "
              "a > b end) assert(t[1] == 3) return {}") == "0");
  CHECK(ports("local t = table.move({ 1, 2 }, 1, 2, 2) table.insert(t, 9) table.insert(t, 1, 7) assert(table.concat(t, "
              "' ') == '7 1 1 2 9' and table.remove(t) == 9) return {}") == "0");
  CHECK(ports("assert(('ab'):rep(2, '-') == 'ab-ab' and ('x'):rep(-1) == '' and utf8.len('äö') == 2 and "
              "('a.b'):find('.', 1, true) == 2) return {}") == "0");
  CHECK(ports("local ok, a, b = xpcall(function(...) return ... end, error, 1, 2) assert(ok and a == 1 and b == 2)"
              " local bad, text = xpcall(function(x) error(x, 0) end, function(e) return e .. '!' end, 'no') "
              "assert(bad == false and text == 'no!') return {}") == "0");
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
