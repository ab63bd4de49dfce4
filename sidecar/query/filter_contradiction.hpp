// Two tests side by side that no flow can pass, or hardly one: "port 80 port 443", "tcp and udp". Pure functions.
#pragma once
#include <optional>
#include <string>

#include "query/filter.hpp"
#include "query/filter_lexer.hpp"

namespace weir {

// What is wrong with `second` behind `first`, and how to write what was probably meant; nothing if both can hold.
// `at` is where the second starts, `written_and` tells if "and" stands between them.
std::optional<Error> contradiction(const FilterTest& first, const FilterTest& second, const FilterToken& at,
                                   bool written_and);

}  // namespace weir
