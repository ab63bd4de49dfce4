# The steps of install/zabbix: sourced by it, uses its variables.
# shellcheck shell=bash disable=SC2154 # the variables are the caller's

plan() {
	if [ -n "$uninstall" ]; then
		echo "Taking Weir out of Zabbix $version in $frontend:"
		say "remove $frontend/modules/weir and $frontend/modules/weir_widget"
		say "remove what was added for the web server below $etc"
	else
		echo "Putting Weir into Zabbix $version in $frontend:"
		say "module     $frontend/modules/weir (manifest of Zabbix $([ "$manifest" = 1 ] && echo '6.0' || echo '6.4 and later'))"
		[ -z "$widget" ] || say "widget     $frontend/modules/weir_widget"
		say "secret     $etc/weir/secret, readable by the group $group"
		say "web server $web, passing flows/ on to $sidecar"
	fi
	echo
}

# The secret that signs the tokens. An existing one is kept: the collector may be using it.
install_secret() {
	local file=$etc/weir/secret owner=root
	getent group "$group" >/dev/null || fail "there is no group '$group': name the one that PHP runs as with --group"
	! getent passwd weir >/dev/null || owner=weir
	mkdir -p "$etc/weir"
	if [ ! -s "$file" ]; then
		(umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$file.new" && echo >>"$file.new")
		mv "$file.new" "$file"
		say "made $file"
	fi
	chown "$owner:$group" "$file"
	chmod 640 "$file"
}

# install_module FOLDER NAME: one module, whole, swapped in by a rename, because a module that is half there puts an error
# on every page of Zabbix.
install_module() {
	local from=$source_dir/$1 to=$frontend/modules/$2 new=$frontend/modules/.$2.new
	mkdir -p "$frontend/modules"
	rm -rf "$new" "$frontend/modules/.$2.old"
	cp -r "$from" "$new"
	cp "$source_dir/LICENSE" "$new/LICENSE"
	mv "$new/manifest-$manifest.json" "$new/manifest.json"
	rm -f "$new"/manifest-?.json
	[ "$1" != module ] || printf '{\n\t"sidecar_url": "%s",\n\t"secret_file": "%s"\n}\n' "$sidecar" "$etc/weir/secret" >"$new/installed.json"
	chown -R root:root "$new"
	chmod -R u=rwX,go=rX "$new"
	if [ -e "$to" ] && diff -rq "$new" "$to" >/dev/null; then
		rm -rf "$new"
		return 0
	fi
	[ ! -e "$to" ] || mv "$to" "$frontend/modules/.$2.old"
	mv "$new" "$to"
	rm -rf "$frontend/modules/.$2.old"
	say "installed $to"
}

remove_modules() {
	local name
	for name in weir weir_widget; do
		[ ! -e "$frontend/modules/$name" ] || { rm -rf "$frontend/modules/$name"; say "removed $frontend/modules/$name"; }
	done
}

# nginx: one snippet per path of the frontend, and one "include" line in the server block of each site, before the line by
# which it serves the frontend. A file that nginx then refuses is put back.
install_nginx() {
	local site base snippet line
	[ -n "$(nginx_sites)" ] || fail "no enabled site of nginx below $etc/nginx serves $frontend. Include $web_dir/nginx.conf by hand, see the manual"
	mkdir -p "$etc/nginx/snippets"
	for site in $(nginx_sites); do
		site=$(readlink -f "$site")
		base=$(nginx_base "$site")
		snippet=$etc/nginx/snippets/weir-zabbix$(echo "${base:-/root}" | tr / -).conf
		render "$web_dir/nginx.conf" "$base" | write_file "$snippet"
		if ! grep -qF "include $snippet;" "$site"; then
			line="include $snippet;  # Weir"
			cp -p "$site" "$snippet.site"
			awk -v line="$line" -v frontend="$frontend" -v base="$base" '
				function serves(text) { return base == "" ? text ~ "^[^#]*root[ \t]+" frontend "/?;" : text ~ "^[ \t]*location[ \t]([^{]*[ \t])?" base "/?[ \t]*\\{" }
				!done && serves($0) { indent = $0; sub(/[^ \t].*/, "", indent); print indent line; done = 1 }
				{ print }
			' "$snippet.site" >"$site"
			if grep -qF "$line" "$site" && nginx_accepts; then
				say "included it in $site"
				rm -f "$snippet.site"
			else
				cat "$snippet.site" >"$site"
				rm -f "$snippet.site"
				fail "nginx does not take the include in $site (nothing changed there). Put this line into its server block by hand: $line"
			fi
		fi
	done
}

nginx_accepts() {
	[ -x /usr/sbin/nginx ] && [ -e "$etc/nginx/nginx.conf" ] || return 0
	/usr/sbin/nginx -t -q -c "$etc/nginx/nginx.conf"
}

remove_nginx() {
	local site snippet
	for snippet in "$etc"/nginx/snippets/weir-zabbix*.conf; do
		[ -e "$snippet" ] || continue
		for site in $(grep -lsF "include $snippet;" "$etc"/nginx/sites-enabled/* "$etc"/nginx/sites-available/* "$etc"/nginx/conf.d/*.conf || true); do
			site=$(readlink -f "$site")
			sed -i "\\#include $snippet;#d" "$site"
			say "took the include out of $site"
		done
		rm -f "$snippet"
		say "removed $snippet"
	done
}

install_apache() {
	local base file=$etc/apache2/conf-available/weir-zabbix.conf
	[ -n "$(apache_bases)" ] || fail "no enabled configuration of Apache below $etc/apache2 serves $frontend. Include $web_dir/apache.conf by hand, see the manual"
	for base in $(apache_bases); do render "$web_dir/apache.conf" "${base%/}"; done | write_file "$file"
	# without its Debian tools, by the links that they would make
	local name
	for name in proxy.conf proxy.load proxy_http.load headers.load; do
		[ ! -e "$etc/apache2/mods-available/$name" ] || ln -sfn "../mods-available/$name" "$etc/apache2/mods-enabled/$name"
	done
	ln -sfn ../conf-available/weir-zabbix.conf "$etc/apache2/conf-enabled/weir-zabbix.conf"
}

remove_apache() {
	local name
	for name in conf-enabled conf-available; do
		if [ -e "$etc/apache2/$name/weir-zabbix.conf" ] || [ -L "$etc/apache2/$name/weir-zabbix.conf" ]; then
			rm -f "$etc/apache2/$name/weir-zabbix.conf"
			say "removed $etc/apache2/$name/weir-zabbix.conf"
		fi
	done
}

reload_web() {
	local name
	[ -n "$reload" ] || return 0
	for name in nginx apache2; do
		if [ -d /run/systemd/system ] && systemctl is-active -q $name; then systemctl reload $name && say "reloaded $name"; fi
	done
	[ -d /run/systemd/system ] || say "Reload the web server."
}

next_steps() {
	cat <<-NEXT

		Next:
		  1. In weir.toml, section [api]: secret_file = "$etc/weir/secret", then restart the collector.
		  2. In Zabbix as a super admin: Administration > General > Modules > Scan directory, then enable "Flows by Weir"$([ -z "$widget" ] || echo ' and "Flows widget by Weir"').
		  3. Administration > General > Flows > Test says what is still missing.
	NEXT
}
