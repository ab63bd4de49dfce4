# The collector's side of install/zabbix: sourced by it, uses its variables. The work is in zabbix_collector.php, because where the
# frontend is, PHP is.
# shellcheck shell=bash disable=SC2154 # the variables are the caller's

# The address of the frontend on this machine: that of the first door. With TLS it goes by the name that the certificate is for.
local_url() {
	local file line base port listen="" name=""
	IFS=$'\t' read -r file line base <<<"$doors"
	[ "$line" -gt 0 ] || line=1
	if [ "$web" = nginx ]; then
		listen=$(sed -nE "$line,\$ s/^[^#]*listen[[:space:]]+([^;]*);.*/\\1/p" "$file" | head -1)
		port=$(sed -nE 's/^([^ ]*:)?([0-9]+)( .*)?$/\2/p' <<<"$listen")
		name=$(sed -nE "$line,\$ s/^[^#]*server_name[[:space:]]+([^;]*[[:space:]])?([A-Za-z0-9.-]+\.[A-Za-z0-9-]+)[ ;].*/\\2/p" "$file" | head -1)
	else
		port=$(sed -nE "$line s/^[^#]*<VirtualHost[^>]*:([0-9]+)>.*/\\1/p" "$file")
		[ "$port" != 443 ] || listen="443 ssl"
		name=$(sed -nE "$line,\$ s/^[[:space:]]*ServerName[[:space:]]+([A-Za-z0-9.-]+).*/\\1/p" "$file" | head -1)
	fi
	case " $listen " in
	*" ssl "*) [ "$port" != 443 ] || port=""; echo "https://${name:-127.0.0.1}${port:+:$port}$base" ;;
	*) echo "http://127.0.0.1${port:+:$port}$base" ;;
	esac
}

# host:port of the server, as the frontend's own settings have it.
local_server() {
	local conf=$etc/zabbix/zabbix.conf.php host="" port=""
	if [ -r "$conf" ]; then
		host=$(sed -nE "s/^\\\$ZBX_SERVER[[:space:]]*= *'([^']+)'.*/\1/p" "$conf")
		port=$(sed -nE "s/^\\\$ZBX_SERVER_PORT[[:space:]]*= *'?([0-9]+).*/\1/p" "$conf")
	fi
	case $host in "" | localhost) host=127.0.0.1 ;; esac
	echo "$host:${port:-10051}"
}

ask_password() {
	password=""
	[ -n "$login" ] || return 0
	if [ -t 0 ]; then
		read -rsp "Password of $login in Zabbix at $url: " password
		echo
	else
		IFS= read -r password || true
	fi
}

connect_collector() {
	command -v php >/dev/null || fail "php is missing: install php-cli, or set up $collector by hand, see the manual"
	: "${url:=$(local_url)}" "${server:=$(local_server)}"
	local password status=0
	ask_password
	php "$here/zabbix_collector.php" "$(readlink -f "$collector")" "$url" "$server" "$secret" "$etc/weir/zabbix-token" "$login" \
		"$source_dir/module" "$widget" "$sidecar" <<<"$password" || status=$?
	case $status in
	0) [ -z "$restart" ] || restart_collector ;;  # a new secret
	10) restart_collector ;;
	*) exit "$status" ;;
	esac
}

# A collector that runs as a service is restarted here; another is somebody's to restart.
restart_collector() {
	if [ -n "$reload" ] && [ "$etc" = /etc ] && [ -d /run/systemd/system ] && systemctl is-active -q weir; then
		systemctl restart weir
		restart=""
		say "restarted the collector (weir.service)"
	else
		restart=1
	fi
}

# What was made in Zabbix, with --login; the module before its files: one that is enabled and gone puts an error on every page.
disconnect_zabbix() {
	[ -n "$login" ] || return 0
	command -v php >/dev/null || fail "php is missing: install php-cli, or remove by hand what was made in Zabbix"
	if [ -z "$url" ]; then
		find_web
		url=$(local_url)
	fi
	local password
	ask_password
	php "$here/zabbix_uninstall.php" "$url" "$login" "$source_dir/module" <<<"$password"
}
