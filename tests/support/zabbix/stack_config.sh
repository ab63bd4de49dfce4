# The configuration files of a test stack: sourced by "stack", uses its variables. Each service gets Debian's layout below
# $state/etc, so that install/zabbix --etc finds what it would find below /etc.
# shellcheck shell=bash disable=SC2154 # the variables are the caller's

write_postgres_config() {
	cat <<-CONF
		listen_addresses = '127.0.0.1'
		port = $port_db
		unix_socket_directories = '$state/run'
		# a test fixture: speed before durability
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		jit = off
	CONF
}

write_server_config() {
	cat <<-CONF
		ListenIP=127.0.0.1
		ListenPort=$port_trapper
		SourceIP=127.0.0.1
		LogFile=$state/log/zabbix_server.log
		PidFile=$state/run/zabbix_server.pid
		SocketDir=$state/run
		DBHost=127.0.0.1
		DBPort=$port_db
		DBName=zabbix
		DBUser=zabbix
		User=zabbix
		# what is configured now is wanted by the next test step
		CacheUpdateFrequency=2
		FpingLocation=/usr/bin/fping
		StartPollers=1
		StartPollersUnreachable=1
		StartTrappers=2
		StartPingers=1
		StartDiscoverers=0
		StartHTTPPollers=0
		StartODBCPollers=0
		StartHistoryPollers=1
		StartPreprocessors=1
		StartDBSyncers=1
		StartEscalators=1
		StartAlerters=1
		StartTimers=1
		StartLLDProcessors=1
	CONF
	[ "$release" != 7.0 ] || printf '%s\n' StartAgentPollers=0 StartHTTPAgentPollers=0 StartSNMPPollers=0 StartBrowserPollers=0 \
		AllowSoftwareUpdateCheck=0
}

write_frontend_config() {
	local name
	echo '<?php'
	for name in TYPE=POSTGRESQL SERVER=127.0.0.1 "PORT=$port_db" DATABASE=zabbix USER=zabbix PASSWORD= SCHEMA= KEY_FILE= CERT_FILE= CA_FILE= \
			CIPHER_LIST= VAULT= VAULT_URL= VAULT_DB_PATH= VAULT_TOKEN= VAULT_PREFIX= VAULT_CERT_FILE= VAULT_KEY_FILE=; do
		printf "\$DB['%s'] = '%s';\n" "${name%%=*}" "${name#*=}"
	done
	cat <<-CONF
		\$DB['ENCRYPTION'] = false;
		\$DB['VERIFY_HOST'] = false;
		\$DB['DOUBLE_IEEE754'] = true;
		\$ZBX_SERVER = '127.0.0.1';
		\$ZBX_SERVER_PORT = '$port_trapper';
		\$ZBX_SERVER_NAME = 'Zabbix $release';
		\$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
	CONF
}

write_php_config() {
	cat <<-CONF
		[global]
		pid = $state/run/php-fpm.pid
		error_log = $state/log/php-fpm.log
		[zabbix]
		user = www-data
		group = www-data
		listen = $state/run/php-fpm.sock
		listen.owner = www-data
		listen.group = www-data
		; enough for two browsers at once, and no request waits for a process to be made
		pm = static
		pm.max_children = 10
		php_admin_value[post_max_size] = 16M
		php_admin_value[max_execution_time] = 300
		php_admin_value[max_input_time] = 300
		php_admin_value[memory_limit] = 128M
		php_admin_value[date.timezone] = UTC
		php_admin_value[error_log] = $state/log/php.log
		php_admin_flag[log_errors] = on
		php_admin_value[error_reporting] = 32767
		catch_workers_output = yes
		; where a request hangs, if one does
		request_slowlog_timeout = 10s
		slowlog = $state/log/php-slow.log
	CONF
}

write_nginx_config() {
	cat >"$state/etc/nginx/nginx.conf" <<-CONF
		user www-data;
		worker_processes 1;
		pid $state/run/nginx.pid;
		error_log $state/log/nginx.err;
		events { worker_connections 256; }
		http {
			include /etc/nginx/mime.types;
			default_type application/octet-stream;
			access_log $state/log/nginx.log;
			client_body_temp_path $state/run/nginx_body;
			proxy_temp_path $state/run/nginx_proxy;
			fastcgi_temp_path $state/run/nginx_fastcgi;
			uwsgi_temp_path $state/run/nginx_uwsgi;
			scgi_temp_path $state/run/nginx_scgi;
			include $state/etc/nginx/sites-enabled/*;
		}
	CONF
	# the frontend at the root of a server; both files are edited by the installer, so they are written once
	[ -e "$state/etc/nginx/sites-enabled/root" ] || cat >"$state/etc/nginx/sites-enabled/root" <<-CONF
		server {
			listen 127.0.0.1:$port_root;
			root $frontend;
			index index.php;
			location ~ ^/(conf|app|include|local|vendor)/ { deny all; }
			location ~ \.php\$ {
				try_files \$uri =404;
				include /etc/nginx/fastcgi_params;
				fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
				fastcgi_pass unix:$state/run/php-fpm.sock;
			}
		}
	CONF
	# and below /zabbix, as in the example that Debian ships with its package
	[ -e "$state/etc/nginx/sites-enabled/path" ] || cat >"$state/etc/nginx/sites-enabled/path" <<-CONF
		server {
			listen 127.0.0.1:$port_path;
			location /zabbix {
				alias $frontend;
				index index.php;
				location ~ \.php\$ {
					if (!-f \$request_filename) { return 404; }
					include /etc/nginx/fastcgi_params;
					fastcgi_param SCRIPT_FILENAME \$request_filename;
					fastcgi_pass unix:$state/run/php-fpm.sock;
				}
			}
		}
	CONF
}

# Debian's own Apache configuration, copied, with our ports; Zabbix's conf file is the one of its package.
write_apache_config() {
	local etc=$state/etc/apache2 name
	if [ ! -e "$etc/apache2.conf" ]; then
		cp -a /etc/apache2 "$etc"
		rm -f "$etc"/sites-enabled/* "$etc/conf-enabled"/*
		for name in proxy proxy_fcgi; do ln -sf "../mods-available/$name.load" "$etc/mods-enabled/"; done
		sed -i "s|/usr/share/zabbix|$frontend|g" "$etc/conf-available/zabbix-frontend-php.conf"
		ln -sf ../conf-available/zabbix-frontend-php.conf "$etc/conf-enabled/"
	fi
	printf 'Listen 127.0.0.1:%s\n' "$port_apache" "$port_apache_root" >"$etc/ports.conf"
	cat >"$etc/sites-available/zabbix.conf" <<-CONF
		<VirtualHost 127.0.0.1:$port_apache>
		</VirtualHost>
		<VirtualHost 127.0.0.1:$port_apache_root>
			DocumentRoot $frontend
		</VirtualHost>
		<FilesMatch "\.php\$">
			SetHandler "proxy:unix:$state/run/php-fpm.sock|fcgi://localhost"
		</FilesMatch>
		DirectoryIndex index.php
		<Directory "$frontend">
			Require all granted
			# the API of 7.0 takes its token from this header, which Apache keeps from FastCGI otherwise
			CGIPassAuth On
		</Directory>
	CONF
	ln -sf ../sites-available/zabbix.conf "$etc/sites-enabled/"
}

# apache ARGUMENTS…: Debian's binary on the copied configuration
apache() {
	APACHE_RUN_USER=www-data APACHE_RUN_GROUP=www-data APACHE_RUN_DIR=$state/run APACHE_PID_FILE=$state/run/apache2.pid \
		APACHE_LOCK_DIR=$state/run APACHE_LOG_DIR=$state/log \
		/usr/sbin/apache2 -d "$state/etc/apache2" -f apache2.conf -c 'ServerName localhost' "$@"
}

write_configs() {
	mkdir -p "$state/etc/nginx/sites-enabled" "$state/etc/nginx/snippets"
	write_server_config >"$state/zabbix_server.conf"
	write_frontend_config >"$state/zabbix.conf.php"
	install -o root -g www-data -m 640 "$state/zabbix.conf.php" /etc/zabbix/zabbix.conf.php
	write_php_config >"$state/php-fpm.conf"
	write_nginx_config
	write_apache_config
}
