# The web server's part of install/zabbix: sourced by it, uses its variables.
# A "door" is a server block or virtual host that serves the frontend: "FILE<tab>LINE<tab>BASE", where LINE is the one that opens
# it (0: outside of any, -1: nothing can be put into it) and BASE the path of the frontend there ("" at the root).
# shellcheck shell=bash disable=SC2154 # the variables are the caller's

touched=""

# base_in FOLDER: the path of the frontend below this folder; also when a link in the folder leads to it.
base_in() {
	local dir entry
	case $1 in /*) ;; *) return 1 ;; esac
	dir=$(readlink -f -- "$1") || return 1
	[ -d "$dir" ] || return 1
	case $frontend_real/ in
	"${dir%/}"/) echo; return 0 ;;
	"${dir%/}"/*) echo "${frontend_real#"${dir%/}"}"; return 0 ;;
	esac
	for entry in "$dir"/*; do
		if [ -L "$entry" ] && [ "$(readlink -f -- "$entry")" = "$frontend_real" ]; then echo "/${entry##*/}"; return 0; fi
	done
	return 1
}

# doors_of KIND FILE [OUTER LINE]: the doors in a file of the configuration; of one that is included, they are in the outer file.
doors_of() {
	local kind=$1 file=$2 outer=${3:-} line word value path base included
	while IFS=$'\t' read -r line word value path; do
		case $word in
		root | alias)
			[ "$path" != "?" ] || continue
			base=$(base_in "$value") || continue
			[ "$word" = root ] || base=${path%/}$base
			;;
		include)
			# those outside of a server block are sites, which are looked at by themselves
			[ "$line" != 0 ] && [ -z "$outer" ] || continue
			case $value in /*) ;; *) value=$etc/${kind/apache/apache2}/$value ;; esac
			# shellcheck disable=SC2086 # may be a pattern
			for included in $value; do
				case ${included##*/} in weir-zabbix*) continue ;; esac
				[ ! -f "$included" ] || doors_of "$kind" "$included" "$file"$'\t'"$line"
			done
			continue
			;;
		*) continue ;;
		esac
		printf '%s\t%s\n' "${outer:-$file$'\t'$line}" "$base"
	done < <(awk -v kind="$kind" ${outer:+-v inside="${outer##*$'\t'}"} -f "$web_dir/sites.awk" "$file")
}

nginx_doors() {
	local file
	for file in "$etc"/nginx/nginx.conf "$etc"/nginx/sites-enabled/* "$etc"/nginx/conf.d/*.conf; do
		[ ! -f "$file" ] || doors_of nginx "$(readlink -f -- "$file")"
	done | sort -u
}
apache_doors() {
	local file
	for file in "$etc"/apache2/apache2.conf "$etc"/apache2/conf-enabled/*.conf "$etc"/apache2/sites-enabled/*.conf; do
		case ${file##*/} in weir-zabbix*) continue ;; esac
		[ ! -f "$file" ] || doors_of apache "$(readlink -f -- "$file")"
	done | sort -u
}

find_web() {
	local found="" name
	for name in ${web:-nginx apache}; do
		if [ -n "$("${name}_doors")" ]; then found="$found $name"; fi
	done
	case $found in
	"") no_web ;;
	" nginx apache") web=nginx; say "nginx and Apache both serve it: this is for nginx; run it again with --web apache if that is used too" ;;
	*) web=${found# } ;;
	esac
	doors=$("${web}_doors")
}

no_web() {
	local manual="or see \"By hand\" in plugin/zabbix/README.md"
	if [ "$web" != apache ] && [ -d "$etc/nginx" ]; then
		fail "no enabled site of nginx below $etc/nginx serves $frontend. Let one do so first (on Debian: in its server block \"include /usr/share/doc/zabbix-frontend-php/examples/nginx.conf;\"), $manual"
	elif [ "$web" != nginx ] && [ -d "$etc/apache2" ]; then
		fail "no enabled configuration of Apache below $etc/apache2 serves $frontend. Let one do so first (on Debian: a2enconf zabbix-frontend-php), $manual"
	fi
	case $web in
	nginx) fail "nginx is not installed here: there is no $etc/nginx" ;;
	apache) fail "Apache is not installed here: there is no $etc/apache2" ;;
	*) fail "there is neither nginx ($etc/nginx) nor Apache ($etc/apache2) on this machine: run this where the Zabbix frontend is served, $manual" ;;
	esac
}

# Lets the server check its configuration; its words go to standard error. True where it cannot be asked.
accepts_nginx() {
	[ -x /usr/sbin/nginx ] && [ -e "$etc/nginx/nginx.conf" ] || return 0
	/usr/sbin/nginx -t -q -c "$etc/nginx/nginx.conf"
}
accepts_apache() {
	[ -x /usr/sbin/apache2ctl ] && [ -e "$etc/apache2/envvars" ] || return 0
	local said
	said=$(APACHE_CONFDIR=$etc/apache2 /usr/sbin/apache2ctl configtest 2>&1) || { echo "$said" >&2; return 1; }
}
check_web() { "accepts_$web" || fail "$web refuses its configuration as it is now (see above): fix that first. Nothing was changed"; }

name_of() { echo "weir-zabbix$(echo "${1:-/root}" | tr -c 'A-Za-z0-9._\n-' -)"; }

# Every file is kept before it changes, so that a configuration which the server then refuses is put back whole.
kept="" kept_count=0
keep() {
	[ -n "$kept" ] || kept=$(mktemp -d)
	kept_count=$((kept_count + 1))
	echo "$1" >"$kept/$kept_count.name"
	[ ! -e "$1" ] || cp -p "$1" "$kept/$kept_count"
}
put_back() {
	local number file
	for number in $(seq "$kept_count" -1 1); do
		file=$(cat "$kept/$number.name")
		if [ -e "$kept/$number" ]; then cat "$kept/$number" >"$file"; else rm -f "$file"; fi
	done
	touched=""
}
forget_kept() { [ -z "$kept" ] || rm -rf "$kept"; kept="" kept_count=0; }

# write_file FILE TEXT: only when it differs
write_file() {
	if [ -e "$1" ] && printf '%s\n' "$2" | cmp -s - "$1"; then return 0; fi
	keep "$1"
	mkdir -p "${1%/*}"
	(umask 022 && printf '%s\n' "$2" >"$1")
	touched=1
	say "wrote $1"
}

# includes FILE LINE SNIPPET: whether the block that opens in this line includes that file already, wherever in it and however written
includes() {
	awk -v kind="$web" -f "$web_dir/sites.awk" "$1" |
		awk -F '\t' -v line="$2" -v name="${3##*/}" '$1 == line && $2 == "include" { n = split($3, part, "/"); if (part[n] == name) found = 1 } END { exit !found }'
}

# include_in_doors BASE SNIPPET TEXT: TEXT, which includes SNIPPET, becomes the first line of each block that serves the frontend at BASE.
include_in_doors() {
	local file line
	# from the end of each file, so that the numbers stay true
	while IFS=$'\t' read -r file line; do
		if [ "$line" = -1 ]; then
			put_back
			fail "in $file the block that serves $frontend opens in the same line as what serves it: break that line after its {. Nothing was changed"
		fi
		if [ "$line" = 0 ] || includes "$file" "$line" "$2"; then continue; fi
		keep "$file"
		sed -i "${line}a\\"$'\n'"$3" "$file"
		touched=1
		say "included it in $file"
	done < <("${web}_doors" | awk -F '\t' -v base="$1" '$3 == base { print $1 "\t" $2 }' | sort -t "$(printf '\t')" -k 1,1 -k 2,2nr -u)
}

# for the plan: which file serves it where
describe_doors() {
	local file line base
	while IFS=$'\t' read -r file line base; do say "           $file at ${base:-/}"; done < <(awk -F '\t' '!seen[$1, $3]++' <<<"$doors")
}

bases() { cut -f 3 <<<"$doors" | sort -u; }

install_nginx() {
	local base snippet
	while IFS= read -r base; do
		snippet=$etc/nginx/snippets/$(name_of "$base").conf
		write_file "$snippet" "$(render "$web_dir/nginx.conf" "$base")"
		include_in_doors "$base" "$snippet" "$(printf '\tinclude %s;  # Weir' "$snippet")"
	done < <(bases)
}

# Apache: what serves the frontend for all virtual hosts (Debian's Alias) has its part in a configuration for all; a virtual host
# that serves it alone includes it, so that flows/ and modules/ of the other hosts stay theirs.
install_apache() {
	local base text="" file=$etc/apache2/conf-available/weir-zabbix.conf link=$etc/apache2/conf-enabled/weir-zabbix.conf own
	text=$(apache_modules)
	while IFS= read -r base; do
		if awk -F '\t' -v base="$base" '$3 == base && $2 == 0 { found = 1 } END { exit !found }' <<<"$doors"; then
			text=$text$'\n\n'$(render "$web_dir/apache.conf" "$base")
		fi
	done < <(bases)
	write_file "$file" "$text"
	if [ "$(readlink "$link" || true)" != "../conf-available/weir-zabbix.conf" ]; then
		keep "$link"
		ln -sfn ../conf-available/weir-zabbix.conf "$link"
		touched=1
		say "enabled it"
	fi
	while IFS= read -r base; do
		awk -F '\t' -v base="$base" '$3 == base && $2 != 0 { found = 1 } END { exit !found }' <<<"$doors" || continue
		own=$etc/apache2/conf-available/$(name_of "$base").conf
		write_file "$own" "$(render "$web_dir/apache.conf" "$base")"
		include_in_doors "$base" "$own" "$(printf '\tInclude %s' "$own")"
	done < <(bases)
}

# The modules that it needs, loaded only if the server has not got them: enabling them as a2enmod does would outlive an uninstall.
apache_modules() {
	local name load tls=""
	case $sidecar in https:*) tls=1 ;; esac
	echo "# Weir: modules that its part of the configuration needs. Written by install/zabbix."
	for name in proxy proxy_http headers ${tls:+ssl}; do
		load=$(grep -hsE '^LoadModule ' "$etc/apache2/mods-available/$name.load") || continue
		printf '<IfModule !%s_module>\n\t%s\n</IfModule>\n' "$name" "$load"
	done
	[ -z "$tls" ] || printf '# The collector speaks TLS.\nSSLProxyEngine on\n'
}

install_web() {
	"install_$web"
	if [ -n "$touched" ] && ! "accepts_$web"; then
		put_back
		fail "$web refuses the new configuration (see above), so it is as it was before"
	fi
}

# Takes the lines and files out again, whichever server they were for.
remove_web() {
	local file
	# also as somebody writes it by hand: in quotes, with a comment
	local ours='^[[:space:]]*[Ii]nclude[[:space:]]+["'\'']?[^#;"'\'']*\/weir-zabbix[A-Za-z0-9._-]*\.conf["'\'']?[[:space:]]*;?[[:space:]]*(#.*)?$'
	while IFS= read -r file; do
		sed -i --follow-symlinks -E "/$ours/d" "$file"
		say "took the include out of $file"
		touched=1
	done < <(grep -lsE "$ours" "$etc"/nginx/nginx.conf "$etc"/nginx/sites-*/* "$etc"/nginx/conf.d/* \
		"$etc"/apache2/apache2.conf "$etc"/apache2/sites-*/* "$etc"/apache2/conf-*/* | xargs -rd '\n' readlink -f -- | sort -u)
	for file in "$etc"/nginx/snippets/weir-zabbix*.conf "$etc"/apache2/conf-enabled/weir-zabbix*.conf "$etc"/apache2/conf-available/weir-zabbix*.conf; do
		[ -e "$file" ] || [ -L "$file" ] || continue
		rm -f "$file"
		say "removed $file"
		touched=1
	done
}

# The running servers take up what changed. Without systemd they are found by the files in which they keep their process.
reload_web() {
	[ -n "$touched" ] || return 0
	if [ -z "$reload" ] || [ "$etc" != /etc ]; then
		say "Reload the web server."
		touched=""
		return 0
	fi
	reload_one nginx /run/nginx.pid /usr/sbin/nginx -s reload
	reload_one apache2 /run/apache2/apache2.pid /usr/sbin/apache2ctl graceful
	touched=""
}
reload_one() { # SERVICE PID_FILE COMMAND…
	local service=$1 pid_file=$2
	shift 2
	if [ -d /run/systemd/system ]; then
		systemctl is-active -q "$service" || return 0
		set -- systemctl reload "$service"
	else
		[ -s "$pid_file" ] && kill -0 "$(head -n 1 "$pid_file")" 2>/dev/null || return 0
	fi
	"$@" || fail "$service did not reload: see what it logged"
	say "reloaded $service"
}
