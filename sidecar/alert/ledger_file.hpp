// The file of the ledger: its tables, their versions, and how rows go from one file to another. Used by Ledger alone.
#pragma once
#include <string>

#include "sqlite/kept_database.hpp"

namespace weir {

KeptDatabase::Plan ledger_file(const std::string& path);

}  // namespace weir
