// JSON text and Prometheus lines: what the outside reads byte for byte.
#include "api/json_writer.hpp"

#include <boost/json.hpp>

#include "api/query_json.hpp"
#include "core/metrics.hpp"
#include "support/catch.hpp"

using namespace weir;

TEST_CASE("commas stand where JSON wants them") {
  JsonWriter w;
  w.begin_object()
      .key("a")
      .begin_array()
      .number(1)
      .number(-2)
      .begin_array()
      .end_array()
      .begin_object()
      .end_object()
      .null()
      .end_array();
  w.key("b").boolean(true).key("c").raw("[0]").key("d").number(0.5).end_object();
  CHECK(w.take() == R"({"a":[1,-2,[],{},null],"b":true,"c":[0],"d":0.5})");
}

TEST_CASE("totals tell what was left out") {
  const auto text = totals_json({.range = {.from_ms = 1, .to_ms = 2}, .warnings = {"a day is damaged"}}, {});
  CHECK(text.starts_with(
      R"({"range":{"from_ms":1,"to_ms":2},"totals":{"octets":0,"packets":0,"flows":0,"sessions":0},"quality":{"sampled":false,)"));
  CHECK(text.ends_with(R"(,"warnings":["a day is damaged"]})"));
}

TEST_CASE("every character comes back as it was") {
  std::string all;
  for (char c = 1; c < 127; ++c) all += c;
  all += "ü€😀";
  JsonWriter w;
  CHECK(boost::json::parse(w.text(all).take()) == boost::json::value(all));
}

TEST_CASE("bytes that are not UTF-8 become question marks") {
  CHECK(to_valid_utf8("ü€😀") == "ü€😀");
  CHECK(to_valid_utf8("a\xff\xc3") == "a??");
  CHECK(to_valid_utf8("\xc0\xaf") == "??");            // overlong
  CHECK(to_valid_utf8("\xed\xa0\x80") == "???");       // a surrogate
  CHECK(to_valid_utf8("\xf4\x90\x80\x80") == "????");  // beyond U+10FFFF
}

TEST_CASE("metrics are Prometheus' text format") {
  MetricsWriter w;
  w.family("weir_x_total", MetricType::kCounter, "A \\ and\nmore.");
  w.sample(3, {{"name", "quote \" slash \\ line\n"}, {"b", "c"}});
  w.gauge("weir_y", "Y.", 18'446'744'073'709'551'615u);
  CHECK(w.take() ==
        "# HELP weir_x_total A \\\\ and\\nmore.\n# TYPE weir_x_total counter\n"
        "weir_x_total{name=\"quote \\\" slash \\\\ line\\n\",b=\"c\"} 3\n"
        "# HELP weir_y Y.\n# TYPE weir_y gauge\nweir_y 18446744073709551615\n");
}

TEST_CASE("a histogram counts upwards to all") {
  SecondsHistogram histogram;
  for (const auto ms : {0, 5, 6, 250, 60'000}) histogram.observe_ms(ms);
  CHECK(histogram.cumulative(0) == 2);
  CHECK(histogram.cumulative(1) == 3);
  CHECK(histogram.cumulative(5) == 4);
  CHECK(histogram.cumulative(SecondsHistogram::kBounds.size()) == 5);
  MetricsWriter w;
  w.family("weir_q_seconds", MetricType::kHistogram, "Q.");
  w.histogram(histogram);
  const auto text = w.take();
  CHECK(text.find("weir_q_seconds_bucket{le=\"0.005\"} 2\n") != std::string::npos);
  CHECK(text.find("weir_q_seconds_bucket{le=\"+Inf\"} 5\n") != std::string::npos);
  CHECK(text.find("weir_q_seconds_count 5\n") != std::string::npos);
  CHECK(text.find("weir_q_seconds_sum 60.261\n") != std::string::npos);
}
