// Copies [decode], [exporters] and [receive] of weir.toml into the settings of the stages.
#include "app/decode_settings.hpp"

#include <algorithm>

namespace weir {

DecodeLimits decode_limits(const Settings& s) {
  const auto small = [&](const char* key) { return static_cast<std::uint32_t>(s.integer(key)); };
  DecodeLimits d;
  d.max_templates_per_exporter = small("decode.max_templates_per_exporter");
  d.max_fields_per_template = small("decode.max_fields_per_template");
  d.max_domains_per_exporter = small("decode.max_domains_per_exporter");
  d.duplicate_window_ms = s.integer("decode.duplicate_window_ms");
  d.max_streams_per_exporter = small("decode.max_streams_per_exporter");
  d.max_waiting_bytes_per_exporter = static_cast<std::uint64_t>(s.integer("decode.max_waiting_bytes_per_exporter"));
  d.max_waiting_bytes = static_cast<std::uint64_t>(s.integer("decode.max_waiting_bytes"));
  d.max_waiting_ms = s.integer("decode.max_waiting_ms");
  d.max_clock_skew_ms = s.integer("decode.max_clock_skew_ms");
  d.max_export_delay_ms = s.integer("decode.max_export_delay_ms");
  d.max_flow_duration_ms = s.integer("decode.max_flow_duration_ms");
  d.flows.max_flows = small("decode.max_flows_per_exporter");
  d.flows.max_bytes = static_cast<std::uint64_t>(s.integer("decode.max_flow_memory_bytes"));
  d.max_originals = small("exporters.max_originals");
  d.max_sampling_rates_per_exporter = small("decode.max_sampling_rates_per_exporter");
  d.max_names_per_exporter = small("decode.max_names_per_exporter");
  d.max_name_bytes = static_cast<std::uint64_t>(s.integer("decode.max_name_bytes"));
  d.max_record_rates_per_exporter = small("decode.max_record_rates_per_exporter");
  d.max_state_bytes_per_exporter = static_cast<std::uint64_t>(s.integer("decode.max_state_bytes_per_exporter"));
  d.max_state_bytes = static_cast<std::uint64_t>(s.integer("decode.max_state_bytes"));
  d.min_record_octets = small("decode.min_record_octets");
  d.max_link_bps = static_cast<std::uint64_t>(s.integer("decode.max_link_bps"));
  const auto& names = kSampledOctetsNames;
  d.sampled_octets = static_cast<SampledOctets>(std::find(names.begin(), names.end(), s.text("decode.sampled_octets")) -
                                                names.begin());
  return d;
}

TcpLimits tcp_limits(const Settings& s) {
  return {.max_connections = static_cast<std::uint32_t>(s.integer("receive.tcp_max_connections")),
          .max_per_address = static_cast<std::uint32_t>(s.integer("receive.tcp_max_connections_per_address")),
          .idle_ms = s.integer("receive.tcp_idle_ms")};
}

AdmissionLimits admission_limits(const Settings& s) {
  return {.datagrams = static_cast<std::uint32_t>(s.integer("exporters.admit_datagrams")),
          .probation_ms = s.integer("exporters.admit_ms"),
          .free_places = static_cast<std::uint32_t>(s.integer("exporters.admit_freely")),
          .max_senders = static_cast<std::uint32_t>(s.integer("exporters.max_waiting")),
          .max_bytes_per_sender = static_cast<std::uint64_t>(s.integer("exporters.max_waiting_bytes_per_sender")),
          .max_bytes = static_cast<std::uint64_t>(s.integer("exporters.max_waiting_bytes")),
          .max_wait_ms = s.integer("decode.max_waiting_ms")};
}

}  // namespace weir
