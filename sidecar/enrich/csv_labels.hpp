// Ranges of addresses with what they are, one a line, as labels of addresses: first,last,country or
// first,last,number,name. Any thread.
#pragma once
#include <string>

#include "enrich/address_database.hpp"

namespace weir {

// Of two ranges that overlap, the one that begins later holds from there on. `path`: a file, or a folder of which every
// .csv file is read but those of addresses written as numbers. Errors name the file, the line and the reason.
Result<LoadedLabels> load_csv_labels(const AddressDatabaseRow& row, const std::string& path);

}  // namespace weir
