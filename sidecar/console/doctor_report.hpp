// What the doctor says of one patient: checks that passed are counted, the others said with the step that mends them.
#pragma once
#include <string>

#include "console/plain_text.hpp"

namespace weir {

class DoctorReport {
 public:
  void check(bool good, const std::string& what, const std::string& mend) {
    ++checks_;
    if (good) return;
    ++findings_;
    text_ += "  ! " + clean_text(what) + "\n      " + clean_text(mend) + "\n";
  }
  // Nothing is wrong, and yet it is good to know.
  void note(const std::string& what, const std::string& choice) {
    text_ += "  - " + clean_text(what) + "\n      " + clean_text(choice) + "\n";
  }
  std::size_t findings() const { return findings_; }
  std::string text(const std::string& patient) const {
    const auto made = std::to_string(checks_) + " checks, ";
    return patient + ": " + made + (findings_ == 0 ? "nothing wrong" : std::to_string(findings_) + " to mend") + "\n" + text_;
  }

 private:
  std::string text_;
  std::size_t checks_ = 0, findings_ = 0;
};

}  // namespace weir
