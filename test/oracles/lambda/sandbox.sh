#!/bin/sh
# Runs a function's package as Lambda does: code read-only in /var/task, /tmp the only place to write, no home, a user without rights.
# As root: unshare --mount --propagation private sandbox.sh CODE RUNTIME NODE EMULATOR HANDLER [NAME=VALUE]...
# EMULATOR is empty, or the words before a program for another processor.
set -eu
code=$1 runtime=$2 node=$3 emulator=$4 handler=$5
shift 5
mount -t tmpfs tmpfs /var
mkdir /var/task /var/runtime /var/lang
mount --bind "$code" /var/task
mount --bind "$runtime" /var/runtime
mount --bind "$node" /var/lang
for hidden in /root /home; do [ ! -d "$hidden" ] || mount -t tmpfs -o ro tmpfs "$hidden"; done
mount -t tmpfs -o mode=1777,size=512m tmpfs /tmp
for readonly in /var/task /var/runtime /var/lang /var /; do mount -o remount,ro,bind "$readonly"; done
cd /var/task
# shellcheck disable=SC2086
exec setpriv --reuid 993 --regid 990 --clear-groups --no-new-privs env -i "$@" \
  LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime PATH=/usr/bin:/bin TZ=:UTC LANG=en_US.UTF-8 \
  AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1=true _HANDLER="$handler" \
  $emulator /var/lang/bin/node --require /var/runtime/preload.cjs \
  /var/runtime/node_modules/aws-lambda-ric/index.mjs "$handler"
