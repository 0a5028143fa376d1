#!/bin/bash
# Runs the user data of an instance ($1) as a machine of its own would, in mounts of its own ($2 holds them): what only the machine has
# (packages, a file system, systemd, the metadata service, the AWS CLI) is played by the functions below, each of which says what it was
# asked. $3 is the package that is "installed", $4 the Node that runs it.
set -euo pipefail
user_data="$1" box="$2" package="$3" node="$4"
mkdir -p "$box"/{opt,lib,etc,bin} && cp -a /etc/. "$box/etc/"
mount --bind "$box/opt" /opt && mount --bind "$box/lib" /var/lib && mount --bind "$box/etc" /etc
mkdir -p /etc/systemd/system /etc/sysconfig /etc/nftables && : > /etc/sysconfig/nftables.conf && : > /etc/fstab
mount -t tmpfs -o mode=755 tmpfs /mnt && : > /mnt/volume

play() { printf '#!/bin/bash\n%s\n' "$2" > "$box/bin/$1" && chmod +x "$box/bin/$1"; }
for name in dnf mkfs mkswap swapon mount nft dd; do play "$name" "echo \"[$name] \$*\""; done
play blkid 'case "$*" in *UUID*) echo 1234-5678 ;; *) exit 2 ;; esac'
play mountpoint 'exit 1'
play chmod '/bin/chmod "$@" 2> /dev/null || true'
play aws 'echo "[aws] $*"; : > "${!#}"'
play npm-22 "echo \"[npm] \$*\"; mkdir -p /opt/cauce/node_modules && ln -s '$package' /opt/cauce/node_modules/cauce"
play curl 'case "$*" in *api/token*) echo TOKEN ;; *"TOKEN"*public-ipv4*) echo 203.0.113.7 ;; *) exit 22 ;; esac'
play systemctl 'echo "[systemctl] $*"
[ "$1" = restart ] || exit 0
line="$(sed -n "s/^ExecStart=//p" /etc/systemd/system/cauce.service)"
export $(sed -n "s/^Environment=//p" /etc/systemd/system/cauce.service)
# There is no S3 to keep copies in, and the ports are the machine'"'"'s.
line="$(echo "$line" | sed -e "s# --keep [^ ]*##" -e "s#--port 4566#--port 0#" -e "s#0.0.0.0:443#127.0.0.1:0#" -e "s#^/usr/bin/node-22#$NODE#")"
$line > /opt/serve.log 2>&1 &
echo $! > /opt/pid'
export PATH="$box/bin:$PATH" NODE="$node"
sed -e 's#"$root/dev/xvdf"#"/mnt/volume"#' "$user_data" > "$box/user-data"
status=0
bash "$box/user-data" || status=$?
echo "status $status"
echo "--- unit" && cat /etc/systemd/system/cauce.service
echo "--- fstab" && cat /etc/fstab
echo "--- rules" && cat /etc/nftables/cauce.nft
echo "--- server" && cat /opt/serve.log
echo "--- modes" && stat -c '%a %n' /var/lib/cauce /var/lib/cauce/home/tls /var/lib/cauce/home/tls/key.pem
kill "$(cat /opt/pid)"
