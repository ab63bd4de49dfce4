// An explanation as JSON (schemas/methods/flows.explain.result.json). Any thread.
#pragma once
#include <string>

#include "api/explain_text.hpp"
#include "api/quality_json.hpp"

namespace weir {

// Of `context`, what is missing is not used: the explanation has it.
std::string explanation_json(const Explanation& explanation, const ResultContext& context, const SentenceWords& words);

}  // namespace weir
