// Reads the params, and writes the answer with times in the caller's zone.
#include "api/explain_method.hpp"

#include <boost/json.hpp>

#include "api/api_services.hpp"
#include "api/explain_json.hpp"
#include "api/param_reader.hpp"
#include "api/query_params.hpp"

namespace weir {

namespace {

namespace json = boost::json;

// "before", "last_week", or a range.
std::vector<Baseline> read_baselines(ParamReader& reader, const TimeRange& range) {
  std::vector<Baseline> baselines;
  const auto* against = reader.array("against", 1, kMaxBaselines);
  if (against == nullptr) return baselines;
  for (const auto& one : *against) {
    if (const auto* word = one.if_string(); word != nullptr && *word == "before") {
      baselines.push_back(before_of(range));
    } else if (word != nullptr && *word == "last_week") {
      baselines.push_back(last_week_of(range));
    } else if (const auto* object = one.if_object()) {
      const json::object as_param{{"range", *object}};
      ParamReader inner(as_param, "against.");
      const auto other = read_range(inner);
      if (const auto failed = inner.finish())
        reader.fail("against", failed->message.substr(failed->message.find("range")));
      else baselines.push_back({.against = Against::kRange, .range = *other});
    } else {
      reader.fail("against", "has to be a list of \"before\", \"last_week\" and ranges");
    }
  }
  return baselines;
}

// What is missing by this collector's own account: peers are not asked to explain.
AnswerGaps own_gaps(ApiServices& services, const TimeRange& range, const QualitySummary& quality) {
  AnswerGaps gaps{.quality = services.backend.store().quality(range, quality.exporters, services.clock.now_ms()),
                  .exporters = {},
                  .away = {}};
  for (const auto* exporter : services.backend.exporters().known())
    gaps.exporters.emplace(exporter->id, exporter->address);
  return gaps;
}

}  // namespace

Result<Explanation> explain_own(ApiBackend& backend, const ExplainQuery& query, const QueryControl& control) {
  auto explanation = explain(query, backend.store(), control);
  if (explanation && !backend.peers().empty())
    explanation->warnings.push_back(
        "what the other collectors have (peers.ask): only this one's own flows are explained");
  return explanation;
}

RpcResult<std::string> flows_explain(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("range");
  ExplainQuery query;
  query.range = read_range(reader).value_or(TimeRange{});
  query.filter = reader.text("filter", kMaxFilterLength).value_or("");
  query.measure = static_cast<Measure>(reader.word("measure", kMeasureWords).value_or(0));
  query.against = read_baselines(reader, query.range);
  query.unscaled = reader.boolean("unscaled").value_or(false);
  const auto offset = read_offset(reader);
  const auto zone = TimeZone::named(offset.value_or("UTC"));
  if (auto failed = reader.finish()) return *std::move(failed);

  const auto started = call.services.clock.now_ms();
  query.allowed_exporters = allowed_exporters(call.claims);
  const auto explanation = explain_own(call.services.backend, query, call.control);
  if (!explanation) return query_error(explanation.error(), call.control);
  const auto context =
      result_context(call.services, own_gaps(call.services, explanation->range, explanation->quality), started);
  const auto names = key_names(call.services.backend);
  return explanation_json(
      *explanation, context,
      {.names = names, .exporter_address = context.exporter_address, .zone = *zone, .names_zone = !offset});
}

}  // namespace weir
