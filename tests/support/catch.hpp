// One include for Catch2 2 (Debian 12) and 3 (Debian 13).
#pragma once
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& part) { return Contains(part); }  // NOLINT: the name in Catch2 3
}  // namespace Catch::Matchers
#endif
