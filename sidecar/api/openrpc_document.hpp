// The OpenRPC document that rpc.discover answers with: schemas/openrpc.json and all that it refers to, in one text,
// bundled at build time by schemas/bundle_openrpc.py. Any thread.
#pragma once
#include <string_view>

namespace weir {

std::string_view openrpc_document();

}  // namespace weir
