// What the doctor says of one patient: passed checks are counted, the others are named with the step that fixes them.
#pragma once
#include <algorithm>
#include <string>

#include "api/backend.hpp"
#include "console/plain_text.hpp"

namespace weir {

class DoctorReport {
 public:
  void check(bool good, const std::string& what, const std::string& mend) {
    ++examination_.checks;
    if (!good) examination_.findings.push_back({.what = what, .advice = mend});
  }
  // Nothing is wrong, and yet it is good to know.
  void note(const std::string& what, const std::string& choice) {
    examination_.findings.push_back({.what = what, .advice = choice, .is_note = true});
  }
  std::size_t findings() const {
    return static_cast<std::size_t>(std::count_if(examination_.findings.begin(), examination_.findings.end(),
                                                  [](const auto& f) { return !f.is_note; }));
  }
  const ExporterExamination& examination() const { return examination_; }
  std::string text(const std::string& patient) const {
    const auto count = findings();
    auto text = patient + ": " + std::to_string(examination_.checks) + " checks, " +
                (count == 0 ? "nothing wrong" : std::to_string(count) + " to mend") + "\n";
    for (const auto& f : examination_.findings)
      text += std::string(f.is_note ? "  - " : "  ! ") + clean_text(f.what) + "\n      " + clean_text(f.advice) + "\n";
    return text;
  }

 private:
  ExporterExamination examination_;
};

}  // namespace weir
