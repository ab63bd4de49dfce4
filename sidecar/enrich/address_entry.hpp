// What files that label addresses have in common: an entry of one, and the list of labels that entries lead to.
// One thread while a file is read.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir {

// "" is no label. `number` is what else is known by the label, as the number of an autonomous system; 0: nothing.
struct AddressEntry {
  std::string label;
  std::uint64_t number = 0;
};

// Numbers labels as they come; sorted() then says which code each has in the order of the letters.
class LabelList {
 public:
  LabelList() { number_of(AddressEntry{}); }
  std::uint32_t number_of(const AddressEntry& entry);
  bool empty() const { return labels_.size() == 1; }

  struct Sorted {
    std::vector<std::string> labels;
    std::vector<std::uint32_t> code_of;                          // by number
    std::unordered_map<std::uint64_t, std::uint32_t> by_number;  // AddressEntry::number to a code
  };
  Sorted sorted() &&;

 private:
  std::vector<std::string> labels_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_number_;
};

}  // namespace weir
