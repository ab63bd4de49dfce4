// The methods about alerts and their rules. All on a query thread: the ledger of alerts waits for the disk.
#pragma once
#include <string>

#include "api/rpc_methods.hpp"

namespace weir {

// A token with a list of exporters sees the alerts whose key names one of them, and silences those. Alerts of other
// keys are about all exporters' traffic together: they need a token without a list, as do a back-test, reading the
// rules again and trying a target.
RpcResult<std::string> alerts_list(const RpcCall& call);
RpcResult<std::string> alerts_acknowledge(const RpcCall& call);
RpcResult<std::string> alerts_silence(const RpcCall& call);
RpcResult<std::string> alerts_silences(const RpcCall& call);
RpcResult<std::string> alerts_unsilence(const RpcCall& call);
RpcResult<std::string> alerts_test_target(const RpcCall& call);
RpcResult<std::string> rules_list(const RpcCall& call);
RpcResult<std::string> rules_reload(const RpcCall& call);
RpcResult<std::string> rules_test(const RpcCall& call);

}  // namespace weir
