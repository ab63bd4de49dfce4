// How rows and their past look to a script: the tables `row` and `ctx`, and the global `weir`. Runs within protected
// calls.
#pragma once
#include "alert/rule_file.hpp"

namespace weir {

class RowBinding {
 public:
  // Defines the global `weir` and the table that every call gets as ctx.
  static void install(RuleFile& file, lua_State* lua);
  static void push_row(lua_State* lua, const RuleFile::RowContext& context);
  static void push_context(lua_State* lua, const RuleFile::RowContext& context);

 private:
  static RuleFile& file_of(lua_State* lua);
  // The row that is being looked at; raises outside of a call.
  static const RuleFile::RowContext& row_of(lua_State* lua);
  static int fail(lua_State* lua, std::string message);

  static int rule(lua_State* lua);
  static int test(lua_State* lua);
  static int contains(lua_State* lua);
  static int bits_text(lua_State* lua);
  static int octets_text(lua_State* lua);
  static int previous(lua_State* lua);
  static int change(lua_State* lua);
  static int baseline(lua_State* lua);
  static int is_new(lua_State* lua);
  static int octets_of_others(lua_State* lua);
  static int speed(lua_State* lua);
};

}  // namespace weir
