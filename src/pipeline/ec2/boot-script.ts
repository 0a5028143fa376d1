/**
 * What an instance does at its first boot, after the settings that the template writes above it. The same text runs in a rehearsal:
 * `CAUCE_INSTANCE`, the folder that stands for the disk there, says so, and what only a machine of its own can do is left out (packages,
 * a file system, systemd). No secret is in it: keys and certificate are made on the instance.
 */
export const BOOT_SCRIPT = `
set -euo pipefail
root="\${CAUCE_INSTANCE:-}"
state="$root/var/lib/cauce"
home="$state/home"
say() { echo "cauce-boot: $*"; }
trap 'say "failed: $BASH_COMMAND (line $LINENO)"' ERR
again() { for pause in 3 6 12 24; do "$@" && return 0; sleep "$pause"; done; "$@"; }

find_volume() {
  for file in "$root/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_\${VOLUME/-/}" "$root/dev/xvdf" "$root/dev/sdf"; do
    if [ -e "$file" ]; then echo "$file"; return 0; fi
  done
  return 1
}

wait_for_volume() {
  say "waiting for the volume $VOLUME"
  for _ in $(seq 300); do
    if device="$(find_volume)"; then return 0; fi
    sleep 1
  done
  say "failed: the volume $VOLUME was not attached within five minutes"
  exit 1
}

# Connections that were opened before the address arrived would break when it does.
wait_for_address() {
  say "waiting for the address $ADDRESS"
  for _ in $(seq 150); do
    token="$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)" || token=
    now="$(curl -sf -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/public-ipv4)" || now=
    if [ "$now" = "$ADDRESS" ]; then return 0; fi
    sleep 2
  done
  say "failed: the address $ADDRESS was not associated within five minutes"
  exit 1
}

mount_volume() {
  if ! blkid "$device" > /dev/null; then say "making a file system"; mkfs -q -t xfs "$device"; fi
  mkdir -p "$state"
  grep -q " $state " /etc/fstab || echo "UUID=$(blkid -s UUID -o value "$device") $state xfs defaults,nofail 0 2" >> /etc/fstab
  mountpoint -q "$state" || mount "$state"
  chmod 700 "$state"
}

# Training needs more memory than a micro instance has.
make_swap() {
  if [ -e /swapfile ]; then return 0; fi
  dd if=/dev/zero of=/swapfile bs=1M count=2048 status=none
  chmod 600 /swapfile
  mkswap -q /swapfile
  echo "/swapfile none swap sw 0 0" >> /etc/fstab
  swapon /swapfile
}

install_cauce() {
  say "installing Node, Python and Cauce"
  again dnf install -y -q nodejs22 nodejs22-npm python3.12 python3.12-pip nftables openssl
  again aws s3 cp --quiet --region "$REGION" "s3://$BUCKET/$PACKAGE" /opt/cauce.tgz
  again npm-22 install --silent --omit=dev --no-audit --no-fund --prefix /opt/cauce /opt/cauce.tgz
  # The role's credentials are the server's: jobs run as users of their own, and these do not reach the metadata service.
  cat > /etc/nftables/cauce.nft <<'RULES'
table inet cauce
delete table inet cauce
table inet cauce {
  chain output {
    type filter hook output priority 0;
    ip daddr 169.254.169.254 meta skuid 61184-65183 reject
  }
}
RULES
  grep -qs cauce.nft /etc/sysconfig/nftables.conf || echo 'include "/etc/nftables/cauce.nft"' >> /etc/sysconfig/nftables.conf
  systemctl enable -q nftables
  nft -f /etc/nftables/cauce.nft
}

make_certificate() {
  # Within the home, which jobs do not see.
  tls="$home/tls"
  mkdir -p "$tls" && chmod 700 "$tls"
  if [ -s "$tls/certificate.pem" ] && openssl x509 -in "$tls/certificate.pem" -noout -checkip "$ADDRESS" | grep -q "does match"; then return 0; fi
  say "making a certificate for $ADDRESS"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=cauce" \\
    -addext "subjectAltName=IP:$ADDRESS" -keyout "$tls/key.pem" -out "$tls/certificate.pem" 2> "$tls/openssl.log" || { cat "$tls/openssl.log"; exit 1; }
  chmod 600 "$tls/key.pem"
}

serve_on() {
  serve=(serve --background --host "$1" --port "$2" --tls-listen "$3" --keep "s3://$BUCKET/$PREFIX")
  serve+=(--tls-cert "$home/tls/certificate.pem" --tls-key "$home/tls/key.pem")
}

start_service() {
  serve_on 127.0.0.1 4566 "0.0.0.0:$PORT"
  cat > /etc/systemd/system/cauce.service <<UNIT
[Unit]
Description=Cauce
Wants=network-online.target
After=network-online.target nftables.service
RequiresMountsFor=$state

[Service]
Environment=CAUCE_HOME=$home CAUCE_ACCOUNT=$ACCOUNT AWS_REGION=$REGION
ExecStart=/usr/bin/node-22 /opt/cauce/node_modules/cauce/dist/cli.js \${serve[*]}
Restart=always
RestartSec=3
KillMode=mixed
TimeoutStopSec=120
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable -q cauce
  systemctl restart cauce
}

# What systemd does on a machine of its own: starts the server, again when it fails, and ends it.
supervise() {
  export CAUCE_HOME="$home" CAUCE_ACCOUNT="$ACCOUNT"
  serve_on "$ADDRESS" 0 "$ADDRESS:4566"
  stopping=
  while [ -z "$stopping" ]; do
    "$CAUCE_NODE" "$CAUCE_PROGRAM" "\${serve[@]}" &
    server=$!
    trap 'stopping=1; kill -TERM "$server" 2> /dev/null || true' TERM
    if [ -n "\${1:-}" ]; then wait_for_server; shift; fi
    wait "$server" || say "the server ended with code $?"
    while kill -0 "$server" 2> /dev/null; do wait "$server" || true; done
    [ -n "$stopping" ] || sleep 1
  done
}

wait_for_server() {
  for _ in $(seq 600); do
    if [ -e "$home/server.json" ]; then
      say "finished: the server answers at https://$ADDRESS"
      if [ -n "$root" ]; then : > "$root/var/lib/cloud/instance/boot-finished"; fi
      return 0
    fi
    sleep 0.2
  done
  say "failed: the server did not start within two minutes"
  return 1
}

wait_for_volume
if [ -z "$root" ]; then
  wait_for_address
  mount_volume
  make_swap
  install_cauce
  make_certificate
  rm -f "$home/server.json"
  start_service
  wait_for_server
else
  mkdir -p "$root/var/lib"
  ln -sfn "$(readlink "$device")" "$state"
  mkdir -p "$home"
  ln -sfn "$CAUCE_RUNTIMES" "$home/runtimes"
  make_certificate
  rm -f "$home/server.json"
  supervise first
fi
`;

/** AWS: 16,384 bytes before they are encoded. */
export const USER_DATA_LIMIT = 16_384;
