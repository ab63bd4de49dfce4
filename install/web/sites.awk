# sites.awk: what one file of a web server's configuration says about the folders that are served, for install/zabbix.
# -v kind=nginx|apache; -v inside=LINE: the file is included in a server block that opens in that line of another file.
# One line for each directive, words with tabs between: LINE DIRECTIVE VALUE PATH. LINE is where the server block or virtual
# host opens: 0 outside of one, -1 when the directive stands in that very line, so that nothing can be put between them.

function trim(text) { sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text); return text }
function unquoted(text) { text = trim(text); if (text ~ /^".*"$/ || text ~ /^'.*'$/) text = substr(text, 2, length(text) - 2); return text }
function report(line, directive, value, path) { print line "\t" directive "\t" value "\t" path }

# nginx: statements end with ";", blocks are braces; a location by regular expression has no path of its own.
function nginx_block(head,   part, n) {
	depth++
	path[depth] = path[depth - 1]
	if (head ~ /^server$/) { server = NR; server_depth = depth; path[depth] = "" }
	if (head ~ /^location[ \t]/) {
		n = split(head, part, /[ \t]+/)
		path[depth] = part[2] ~ /^~\*?$/ ? "?" : unquoted(part[n])
	}
}
function nginx_statement(text,   word) {
	word = text
	sub(/[ \t].*/, "", word)
	if (word != "root" && word != "alias" && word != "include") return
	if (server || word == "include") report(server == NR && inside == "" ? -1 : server, word, unquoted(substr(text, length(word) + 1)), path[depth])
}
function nginx_line(text,   i, c) {
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (quote != "") { if (c == quote) quote = ""; word_so_far = word_so_far c }
		else if (c == "\"" || c == "'") { quote = c; word_so_far = word_so_far c }
		else if (c == "#" && (i == 1 || substr(text, i - 1, 1) ~ /[ \t;{}]/)) break
		else if (c == "{") { nginx_block(trim(word_so_far)); word_so_far = "" }
		else if (c == "}") { if (depth == server_depth && inside == "") server = 0; depth--; word_so_far = "" }
		else if (c == ";") { nginx_statement(trim(word_so_far)); word_so_far = "" }
		else word_so_far = word_so_far c
	}
	word_so_far = word_so_far " "
}

# Apache: a directive per line. "Alias PATH FOLDER" may have quotes around either.
function apache_line(text,   word, rest, first) {
	text = trim(text)
	word = tolower(text)
	sub(/[ \t].*/, "", word)
	rest = trim(substr(text, length(word) + 1))
	if (word == "<virtualhost") server = NR
	else if (word == "</virtualhost>" && inside == "") server = 0
	else if (word == "documentroot") report(server, "root", unquoted(rest), "")
	else if (word == "include" || word == "includeoptional") report(server, "include", unquoted(rest), "")
	else if (word == "alias") {
		first = rest
		if (rest ~ /^"/) { match(rest, /^"[^"]*"/); first = substr(rest, 1, RLENGTH) } else sub(/[ \t].*/, "", first)
		report(server, "alias", unquoted(substr(rest, length(first) + 1)), unquoted(first))
	}
}

BEGIN { server = inside == "" ? 0 : inside + 0; server_depth = inside == "" ? -1 : 0; depth = 0; path[0] = ""; quote = "" }
kind == "nginx" { nginx_line($0) }
kind == "apache" { apache_line($0) }
