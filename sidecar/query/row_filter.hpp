// A filter for sessions that are in no store. Made once, asked for many; one thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "flow/derived_sources.hpp"
#include "query/filter.hpp"
#include "query/sampling_rates.hpp"
#include "store/store.hpp"

namespace weir {

class RowFilter {
 public:
  // `exporters`: those that sessions may be of. Errors are those of a query's filter.
  static Result<RowFilter> make(std::string_view text, const TimeBasis& basis, std::vector<ExporterName> exporters,
                                DerivedSources sources);

  // For each session whether one of its halves passes.
  std::vector<bool> passes(const std::vector<Session>& sessions) const;

 private:
  RowFilter() = default;
  FilterNode root_;
  std::vector<ExporterName> exporters_;
  DerivedSources sources_;
};

}  // namespace weir
