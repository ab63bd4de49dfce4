// Figures and columns, and what a hostile name cannot do to a terminal.
#include "console/plain_text.hpp"

#include "support/catch.hpp"

using namespace weir;

TEST_CASE("text from elsewhere cannot steer a terminal") {
  CHECK(clean_text("edge\x1b[2J\x07\r\n1") == "edge?[2J???1");
  CHECK(clean_text("a\nb", true) == "a\nb");
  CHECK(clean_text("Z\xc3\xbcrich \xe6\x9d\xb1") == "Z\xc3\xbcrich \xe6\x9d\xb1");
  CHECK(clean_text("\xff\xc3(\xc0\xaf\xed\xa0\x80") == "?\?(?????");
  CHECK(clean_text("\xc2\x9b"
                   "31m \xe2\x80\xae") == "?31m ?");  // CSI as one character, right-to-left override
  CHECK(clean_text("\xe2\x80") == "??");
}

TEST_CASE("figures as people read them") {
  CHECK(duration_text(0) == "0 ms");
  CHECK(duration_text(999) == "999 ms");
  CHECK(duration_text(12'345) == "12 s");
  CHECK(duration_text(303'000) == "5 min 3 s");
  CHECK(duration_text(7'200'000) == "2 h");
  CHECK(duration_text(273'600'000) == "3 d 4 h");
  CHECK(ago_text(0, 5000) == "never");
  CHECK(ago_text(2000, 5000) == "3 s ago");
  CHECK(ago_text(9000, 5000) == "in 4 s");
  CHECK(count_text(9999) == "9999");
  CHECK(count_text(12'345) == "12.3 k");
  CHECK(count_text(UINT64_MAX) == "18.4 E");
  CHECK(bytes_text(1536) == "1.5 KiB");
  CHECK(rate_text(0.25) == "0.2");
  CHECK(rate_text(123.4) == "123");
  CHECK(percent_text(1, 8) == "12.5 %");
  CHECK(percent_text(0, 0) == "0.0 %");
  CHECK(utc_text(1'700'000'000'000) == "2023-11-14 22:13:20 UTC");
}

TEST_CASE("columns are as wide as their longest cell, in characters") {
  TextTable table({"name", ">records"});
  CHECK(table.empty());
  table.row({"Z\xc3\xbcrich", "5"});
  table.row({"", "12345678"});
  table.row({"a\nb", "1"});
  CHECK(table.text() ==
        "name     records\n"
        "Z\xc3\xbcrich         5\n"
        "-       12345678\n"
        "a?b            1\n");
}
