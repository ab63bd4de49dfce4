# The steps of install/zabbix: sourced by it, uses its variables.
# shellcheck shell=bash disable=SC2154 # the variables are the caller's

plan() {
	if [ -n "$uninstall" ]; then
		echo "Taking Weir out of Zabbix${version:+ $version} in $frontend:"
		say "remove $frontend/modules/weir and $frontend/modules/weir_widget"
		say "remove what was added for the web server below $etc"
		[ -z "$purge" ] || say "remove $etc/weir/secret and $etc/weir/zabbix-token"
		[ -z "$login" ] || say "remove module, scripts, templates, the host \"Weir\" and the user \"weir\" in Zabbix, signed in as $login"
	else
		echo "Putting Weir into Zabbix $version in $frontend:"
		say "module     $frontend/modules/weir"
		[ -z "$widget" ] || say "widget     $frontend/modules/weir_widget"
		[ ! -d "$etc/apt/apt.conf.d" ] || say "apt        $(hook_file): keeps the module's manifest right in an upgrade of Zabbix"
		say "secret     $secret, readable by the group $group"
		say "web server $web, passing flows/ on to $sidecar, for"
		describe_doors
		[ -z "$collector" ] || say "collector  $collector: what it does not set of the secret, the server and the API$([ -z "$login" ] || echo ", and a token, signed in as $login")"
		[ -z "$login" ] || say "Zabbix     the module enabled, templates, the host \"Weir\" and scripts, signed in as $login"
	fi
	echo
}

# The secret that signs the tokens. An existing one is kept: the collector may be using it.
install_secret() {
	local file=$secret owner=root
	if [ "$secret" != "$etc/weir/secret" ] && [ -s "$secret" ]; then
		owner=$(stat -c %U "$secret")
	elif getent passwd weir >/dev/null; then
		owner=weir
	elif [ -n "$collector" ]; then
		owner=$(stat -c %U "$collector")
	fi
	mkdir -p "${file%/*}"
	if [ ! -s "$file" ]; then
		restart=1
		(umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$file.new" && echo >>"$file.new")
		mv "$file.new" "$file"
		say "made $file"
	fi
	if [ "$(stat -c '%U:%G %a' "$file")" != "$owner:$group 640" ]; then
		chown "$owner:$group" "$file"
		chmod 640 "$file"
		say "gave $file to $owner:$group"
	fi
	setpriv --reuid=65534 --regid="$group" --clear-groups test -r "$file" ||
		say "The group $group may not look into ${file%/*}, so PHP cannot read the secret: let it (chgrp $group and chmod g+x, on every folder above that is closed)."
}

# install_module FOLDER NAME: one module, whole, swapped in by a rename, because a module that is half there puts an error
# on every page of Zabbix.
install_module() {
	local from=$source_dir/$1 to=$frontend/modules/$2 new=$frontend/modules/.$2.new
	mkdir -p "$frontend/modules"
	rm -rf "$new" "$frontend/modules/.$2.old"
	cp -r "$from" "$new"
	cp "$source_dir/LICENSE" "$new/LICENSE"
	if [ "$1" = module ]; then "$new/pick_manifest"; else mv "$new/manifest-2.json" "$new/manifest.json"; fi
	if [ "$1" = module ]; then
		printf '{\n\t"sidecar_url": "%s",\n\t"secret_file": "%s"\n}\n' "$sidecar" "$secret" >"$new/installed.json"
	fi
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

# An installation that is there already keeps its address and its secret.
refresh_modules() {
	local installed=$frontend/modules/weir/installed.json
	[ -n "$version" ] && [ -e "$installed" ] || return 0
	[ "$(id -u)" = 0 ] || fail "this has to be run as root"
	sidecar=$(sed -n 's/.*"sidecar_url": "\([^"]*\)".*/\1/p' "$installed")
	secret=$(sed -n 's/.*"secret_file": "\([^"]*\)".*/\1/p' "$installed")
	install_module module weir
	[ -z "$widget" ] || install_module widget weir_widget
}

# After every change of packages apt lets the module pick its manifest again. A folder that would need quoting twice over goes without.
hook_file() { echo "$etc/apt/apt.conf.d/80weir-zabbix"; }
install_hook() {
	local file pick=$frontend/modules/weir/pick_manifest
	file=$(hook_file)
	case $frontend in *[!A-Za-z0-9._/-]*) return 0 ;; esac
	[ -d "${file%/*}" ] || return 0
	local text="// Weir: an upgrade of Zabbix may want the other manifest of the module.
DPkg::Post-Invoke { \"[ ! -x $pick ] || $pick || true\"; };"
	if [ -e "$file" ] && printf '%s\n' "$text" | cmp -s - "$file"; then return 0; fi
	printf '%s\n' "$text" >"$file"
	say "wrote $file"
}
remove_hook() {
	[ ! -e "$(hook_file)" ] || { rm -f "$(hook_file)"; say "removed $(hook_file)"; }
}

remove_modules() {
	local name cache
	for name in weir weir_widget; do
		rm -rf "$frontend/modules/.$name.new" "$frontend/modules/.$name.old"
		[ -e "$frontend/modules/$name" ] || continue
		rm -rf "$frontend/modules/$name"
		say "removed $frontend/modules/$name"
	done
	# what the module keeps for seconds: a folder per user, named after its own (lib/anymonitor/Cache.php)
	cache=$(printf %s "$frontend_real/modules/weir/lib" | sha256sum | cut -c 1-12)
	# One below the temporary folder that systemd gives to a service is three down. Folders of others that go while this
	# looks, and those that may not be looked into, are no failure.
	find /tmp -maxdepth 3 -type d -name "weir-zabbix-*-$cache" -exec rm -rf {} + 2>/dev/null || true
}

remove_secret() {
	if [ -n "$purge" ]; then
		local file
		for file in "$etc/weir/secret" "$etc/weir/zabbix-token"; do
			[ ! -e "$file" ] || { rm -f "$file"; say "removed $file"; }
		done
		rmdir --ignore-fail-on-non-empty "$etc/weir" 2>/dev/null || true
	elif [ -e "$etc/weir/secret" ]; then
		say "The secret $etc/weir/secret stays: the collector uses it too. Without a collector: install/zabbix --uninstall --purge"
	fi
}

next_steps() {
	local number=1
	step() { echo "  $number. $*"; number=$((number + 1)); }
	printf '\nNext:\n'
	# SELinux, where it is: without this the web server may not call the collector, and says only "502" or "503".
	if command -v getsebool >/dev/null && getsebool httpd_can_network_connect 2>/dev/null | grep -q 'off$'; then
		step "SELinux keeps the web server from the collector. Allow it: setsebool -P httpd_can_network_connect on"
	fi
	if [ -z "$collector" ]; then
		step "In weir.toml, section [api]: secret_file = \"$secret\", then restart the collector. Or name the file with --collector."
	elif [ -n "$restart" ]; then
		step "Restart the collector: systemctl restart weir, or end \"weir run\" (Ctrl-C) and start it again."
	fi
	if [ -z "$login" ]; then
		step "In Zabbix as a super admin: Administration > General > Modules > Scan directory, then enable \"Flows by Weir\"$([ -z "$widget" ] || echo ' and "Flows widget by Weir"'). Or run this again with --login NAME: it does all that is left."
	fi
	step "Administration > General > Flows > Test says what is still missing$([ -n "$login" ] || echo '; Import makes alerts and values items of Zabbix')."
}
