-- Names the application of a session. The first rule that holds gives the name; your own file (script.own_dir of weir.toml)
-- comes before this one. A rule holds when all that it gives holds; of a list, one entry is enough:
--   ports        of the server: "tcp/22", "udp/6000-6010", 22 (TCP and UDP), "gre" (a whole protocol)
--   nets         of the server's address
--   client_nets  of the client's address
--   as           of the server
--   nbar         what the exporter classified, engine:selector of RFC 6759
-- A rule of ports alone does not rename what the exporter classified. Rules are asked when a query runs, so a change
-- renames stored sessions too. Read again when it changes; an error names the line and keeps the last good rules.
application { name = "DNS", ports = { 53, "tcp/853" } }
application { name = "Web", ports = { "tcp/80", "tcp/443", "udp/443", "tcp/8080", "tcp/8443" } }
application { name = "SSH", ports = { "tcp/22" } }
application { name = "Mail", ports = { "tcp/25", "tcp/110", "tcp/143", "tcp/465", "tcp/587", "tcp/993", "tcp/995" } }
application { name = "File sharing", ports = { "tcp/139", "tcp/445", "udp/137-138", 2049, "tcp/548", "tcp/111" } }
application { name = "FTP", ports = { "tcp/20-21", "tcp/989-990" } }
application { name = "Directory", ports = { 88, 389, "tcp/636", "tcp/3268-3269", 464 } }
application { name = "Remote desktop", ports = { 3389, "tcp/5900-5910" } }
application { name = "Databases", ports = { "tcp/1433", "tcp/1521", "tcp/3306", "tcp/5432", "tcp/6379", "tcp/9042", "tcp/27017" } }
application { name = "Time", ports = { "udp/123" } }
application { name = "DHCP", ports = { "udp/67-68", "udp/546-547" } }
application { name = "SNMP", ports = { "udp/161-162" } }
application { name = "Syslog", ports = { "udp/514", "tcp/6514" } }
application { name = "Flow export", ports = { "udp/2055", "udp/4739", "udp/6343" } }
application { name = "Monitoring", ports = { "tcp/10050-10051", "tcp/5666", "tcp/9090", "tcp/9100" } }
application { name = "Telephony", ports = { 5060, "tcp/5061", "udp/3478" } }
application { name = "VPN", ports = { "udp/500", "udp/4500", "udp/1194", "udp/51820", "udp/1701", "tcp/1723", "gre", "esp", "ah" } }
application { name = "Backup", ports = { "tcp/9101-9103", "tcp/873" } }
application { name = "Routing", ports = { "tcp/179", "ospf", "udp/520-521" } }
application { name = "Speed test", ports = { 5001, 5201 } }
application { name = "ICMP", ports = { "icmp", "icmp6" } }
