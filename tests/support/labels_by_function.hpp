// Labels of addresses by a function, in place of a file.
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "flow/derived_sources.hpp"

namespace weir::testing {

class LabelsByFunction final : public AddressLabels {
 public:
  using Function = std::function<std::string(const IpAddress&)>;
  // `labels`: all that `label_of` gives.
  LabelsByFunction(std::vector<std::string> labels, Function label_of)
      : labels_(std::move(labels)), label_of_(std::move(label_of)) {
    labels_.emplace_back();
    std::sort(labels_.begin(), labels_.end());
  }
  std::uint32_t code_of(const IpAddress& address) const override {
    return static_cast<std::uint32_t>(std::find(labels_.begin(), labels_.end(), label_of_(address)) - labels_.begin());
  }
  const std::vector<std::string>& labels() const override { return labels_; }

 private:
  std::vector<std::string> labels_;
  Function label_of_;
};

// Sources that know countries by `country_of`, which gives one of `countries` or "".
inline DerivedSources country_sources(std::vector<std::string> countries, LabelsByFunction::Function country_of) {
  DerivedSources sources;
  sources.databases[static_cast<std::size_t>(AddressDatabaseId::kCountry)] =
      std::make_shared<const LabelsByFunction>(std::move(countries), std::move(country_of));
  return sources;
}

}  // namespace weir::testing
