---@meta weir
-- What alert rules can use, for editors that complete and check Lua (LuaLS: add this folder to workspace.library).
-- The collector does not load this file; it has these names built in. A rule file lies in lua/alerts or in the folder
-- that alert.rules of weir.toml names, and calls weir.rule for each rule, weir.test for each test.
-- `weir rules check FILE` reads it and runs its tests, `weir rules test FILE --from -7d` shows when it would have fired.
--
-- Every file has a Lua 5.4 of its own, without io, os, package, debug, load and metatables, and with bounds on
-- instructions, time and memory.

---@class weir
weir = {}

---"100M" is at least that; ">100M", ">= 1.5k", "< 10", "== 0" compare. k M G T are powers of 1000, Ki Mi Gi Ti of 1024;
---the unit of the measure may follow: "1MB", "100Mbit/s", "50%", and a duration for silent_s.
---@alias weir.Condition string|number

---Numbers with ms, s, min (or m), h, d or w: "5min", "1.5h", "1h30min". Or a number of seconds.
---@alias weir.Duration string|number

---@alias weir.Field "client"|"server"|"host"|"client_port"|"server_port"|"port"|"protocol"|"exporter"|"in_if"|"out_if"|"interface"|"vlan"|"tos"|"src_as"|"dst_as"|"as"|"application"|"country"|"client_country"|"server_country"|"as_name"|"client_as_name"|"server_as_name"|"prefix"|"client_prefix"|"server_prefix"|"network"|"client_network"|"server_network"|"tcp_flags"|"next_hop"|"icmp"|"icmp_type"|"icmp_code"|"sampling"|"client_as"|"server_as"|"in_vlan"|"out_vlan"|"dscp"|"mac"|"client_mac"|"server_mac"|"nat"|"client_nat"|"server_nat"|"nat_port"|"client_nat_port"|"server_nat_port"|"mask"|"client_mask"|"server_mask"|"direction"|"reason"|"quality"|"end_reason"|"in_vrf"|"out_vrf"|"forwarding"|"ttl"|"flow_label"|"priority"|"customer_vlan"|"mpls_label"|"firewall_event"|"firewall_reason"|"nat_event"|"ethertype"

---@alias weir.Severity "information"|"warning"|"average"|"high"|"disaster"

---Conditions that all must hold. Measures of sessions are as in weir.Row; with source = "exporters" there are silent_s,
---datagrams, records, records_per_s, lost, lost_percent, malformed, drops.
---@alias weir.Conditions table<string, weir.Condition>

---One line of a window: a key and how much it had. All counters are scaled by the sampling rate.
---@class weir.Row
---@field key string            values of the group-by fields, joined by commas; "all" without any
---@field client? string        group-by fields by name: addresses are texts, ports and interfaces numbers
---@field server? string
---@field host? string
---@field server_port? integer
---@field exporter? string
---@field interface? integer
---@field octets integer
---@field packets integer
---@field flows integer
---@field sessions integer
---@field octets_in integer     received by the key, when it is an end or an interface
---@field octets_out integer    sent by it
---@field octets_client integer of octets_out, as client
---@field octets_server integer of octets_out, as server
---@field distinct integer      different values of query.distinct
---@field octets_per_s number
---@field bits_per_s number
---@field bits_in_per_s number
---@field bits_out_per_s number
---@field packets_per_s number
---@field flows_per_s number
---@field sessions_per_s number
---@field octets_per_packet number
---@field percent number        of the octets that the filter selects in this window

---@class weir.Statistics
---@field samples integer
---@field mean number
---@field stdev number
---@field min number
---@field max number
---@field median number
---@field p95 number

---The window and its past. What is asked is read from the store: ask late, after cheaper conditions, and use query.having.
---@class weir.Context
---@field from_ms integer       the window is [from_ms, to_ms), epoch milliseconds UTC
---@field to_ms integer
---@field window_s number
---@field total_octets integer  of all that the filter selects in this window
---@field total_sessions integer
local context = {}

---The same key, `windows` windows before (1: the window that ended where this one begins). Zeros when it had nothing.
---@param windows? integer
---@return weir.Row
function context.previous(windows) end

---(now - before) / before of a measure against the previous window; nil when there was nothing before.
---@param measure? string "octets" by default
---@return number?
function context.change(measure) end

---A measure over the windows of the same hour of the day, on each of the last `days` days that are stored. Windows
---without the key count as 0.
---@param measure? string "octets" by default
---@param days? integer 7 by default, at most 31
---@return weir.Statistics
function context.baseline(measure, days) end

---True when the rule's filter selects no session of this key within `span` before the window. False while less than a
---day (or `span`, when shorter) is stored.
---@param span? string "7d" by default
---@return boolean
function context.is_new(span) end

---Octets of the window's other rows that have the same value in one of the group-by fields.
---@param field weir.Field
---@return integer
function context.octets_of_others(field) end

---Bits per second of the row's interface, as the monitor knows it; nil when it does not. Needs by = { "exporter",
---"interface" } (or in_if, out_if).
---@return integer?
function context.speed() end

---@class weir.Query
---@field source? "sessions"|"exporters" what rows are made of; "exporters": one row per exporter heard since the start
---@field filter? string                as in the Flows window: "proto tcp and not port 443"
---@field by? weir.Field|weir.Field[]   what makes a key; up to four fields with `distinct`
---@field distinct? weir.Field|weir.Field[] values counted per key, as row.distinct
---@field direction? "both"|"talkers"|"listeners" for host, port, as, country, interface
---@field window? weir.Duration         "5m" by default
---@field every? weir.Duration          "1m" by default; window and every: one is a multiple of the other
---@field quiet? weir.Duration          keys seen this long before the window take part with zeros
---@field having? weir.Conditions       other rows are not looked at; costs nothing
---@field measure? string               which rows come first when `limit` cuts; octets, or distinct
---@field limit? integer                rows per window that reach `when` as a function; 1000 by default, at most 10000
---@field unscaled? boolean             as exported, before sampling

---@class weir.Rule
---@field name string
---@field description? string
---@field severity? weir.Severity       "warning" by default
---@field enabled? boolean              true by default; alert.enable and alert.disable of weir.toml win
---@field query weir.Query
---@field when weir.Conditions|fun(row: weir.Row, ctx: weir.Context): boolean?
---@field resolve? weir.Conditions|fun(row: weir.Row, ctx: weir.Context): boolean? ends the alert; without it, `when` no longer holding does
---@field for_? weir.Duration           how long `when` must hold before it fires
---@field clear_after? weir.Duration    how long the end must hold before it is one
---@field message? string|fun(row: weir.Row, ctx: weir.Context): string "{key}", "{rule}", "{client}", "{bits_per_s}", … are filled in
---@field labels? table<string, string>
---@field monitor_host? string          the monitor's host that shows the alert; the collector's by default

---Takes a rule into force.
---@param rule weir.Rule
---@return weir.Rule
function weir.rule(rule) end

---A session of a test. Without octets_back, the server's half was not reported.
---@class weir.TestSession
---@field client? string        "192.0.2.10" by default
---@field server? string        "192.0.2.20"
---@field client_port? integer  40000
---@field server_port? integer  443
---@field protocol? string      "tcp"
---@field octets? integer       sent by the client
---@field packets? integer
---@field tcp_flags? string     letters of FSRPAUEC
---@field octets_back? integer  sent by the server
---@field packets_back? integer
---@field tcp_flags_back? string
---@field exporter? string      "192.0.2.1"
---@field in_if? integer        where the client's packets come in
---@field out_if? integer
---@field vlan? integer
---@field client_as? integer
---@field server_as? integer
---@field sampling? integer
---@field at? weir.Duration     start, from the start of the test, which is a round hour
---@field duration? weir.Duration

---@class weir.Test
---@field name? string
---@field rule? string          the file's only rule by default
---@field sessions weir.TestSession[]|fun(add: fun(session: weir.TestSession))
---@field fires integer|string|string[] how many alerts, or their keys
---@field length? weir.Duration how long the rule goes on; up to the last session by default

---Runs with `weir rules check` and `weir rules test`; the collector passes over it.
---@param test weir.Test
function weir.test(test) end

---Whether a network ("10.0.0.0/8") contains an address.
---@param network string
---@param address string
---@return boolean
function weir.contains(network, address) end

---"12.3 Mbit/s"
---@param bits_per_s number
---@return string
function weir.bits(bits_per_s) end

---"4.1 GB"
---@param octets number
---@return string
function weir.octets(octets) end

return weir

---A rule of lua/applications.lua: all that is given must hold, and of each list one entry. The first rule that holds names the session.
---@class weir.Application
---@field name string
---@field ports? string|integer|(string|integer)[]  of the server: "tcp/22", "udp/6000-6010", 22 (TCP and UDP), "gre"
---@field nets? string|string[]                     of the server's address
---@field client_nets? string|string[]              of the client's address
---@field as? integer|integer[]                     of the server
---@field nbar? string|string[]                     what the exporter classified, engine:selector: "13:453"

---In lua/applications.lua only.
---@param rule weir.Application
function application(rule) end

---In lua/networks.lua only: the longest prefix names an address.
---@param prefix string  "10.1.0.0/16"
---@param name string
function network(prefix, name) end
