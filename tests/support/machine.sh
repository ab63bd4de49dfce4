# A Debian under a systemd of its own, with a network of its own: sourced by tests/packages/run and tests/zabbix/walk.
# make_machine WORK BASE RELEASE  the folder WORK/root, a layer over the bare Debian BASE that is made once; $root is its name from then on
# in_root COMMAND…                a command in it before it is started, with the network of this machine
# boot, inside COMMAND…, halt     start it, run a command in it, and power it off
# The caller sets log, and skip(); and calls drop_machine when it ends.
# shellcheck shell=bash disable=SC2154 # the variables are the caller's
machine_support=$(cd "$(dirname "${BASH_SOURCE[0]}")/zabbix" && pwd)
root="" init=""

make_machine() {
	local base=$2 codename=$3
	"$machine_support/own_mounts" >/dev/null || skip "a Debian in a root needs mounts of its own"
	machine_codename=$codename root=$1/root
	mkdir -p "$1"/{upper,under,root} "$(dirname "$base")"
	"$machine_support/debian" "$codename" "$base" make
	if [ ! -x "$base/usr/sbin/init" ] && [ ! -x "$base/sbin/init" ]; then
		"$machine_support/debian" "$codename" "$base" run sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends systemd systemd-sysv' >>"$log"
	fi
	mount -t overlay overlay -o "lowerdir=$base,upperdir=$1/upper,workdir=$1/under" "$root"
}
in_root() { "$machine_support/debian" "$machine_codename" "$root" run "$@"; }
drop_machine() {
	[ -z "$init" ] || halt
	[ -z "$root" ] || ! mountpoint -q "$root" || umount -l "$root"
}

# A systemd as process 1 of namespaces of its own: processes, mounts, network (the loopback alone), cgroups.
# shellcheck disable=SC2016 # expanded by the inner shell
boot() {
	unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child --propagation private bash -euc '
		mount -t proc proc "$1/proc"
		mount -t sysfs -o ro sysfs "$1/sys"
		mount -t tmpfs -o mode=755 tmpfs "$1/sys/fs/cgroup"
		umount "$1/sys/fs/cgroup"
		mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
		mount -t tmpfs -o mode=755 tmpfs "$1/dev"
		for node in null zero full random urandom tty; do cp -a "/dev/$node" "$1/dev/$node"; done
		mkdir "$1/dev/pts" "$1/dev/shm"
		mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
		ln -s pts/ptmx "$1/dev/ptmx"
		mount -t tmpfs tmpfs "$1/dev/shm"
		mount -t tmpfs -o mode=755 tmpfs "$1/run"
		ip link set lo up
		exec env -i container=weir-test /usr/sbin/chroot "$1" /sbin/init
	' _ "$root" >>"$log" 2>&1 </dev/null &
	local outer=$!
	for _ in $(seq 3000); do
		init=$(pgrep -P "$outer" | head -n 1 || true)
		case $([ -z "$init" ] || inside systemctl is-system-running 2>/dev/null) in running | degraded) return 0 ;; esac
		kill -0 "$outer" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 20 "$log" >&2
	skip "no systemd can be started in a root here"
}
inside() {
	nsenter --target "$init" --all --root --wd env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root "$@"
}
halt() {
	inside systemctl poweroff >>"$log" 2>&1 || true
	for _ in $(seq 1200); do
		kill -0 "$init" 2>/dev/null || break
		sleep 0.1
	done
	! kill -0 "$init" 2>/dev/null || kill -KILL "$init"
	init=""
}
