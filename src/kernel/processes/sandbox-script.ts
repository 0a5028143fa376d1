/**
 * Run by /bin/sh as the first process of the namespace. Constant: everything that differs arrives as arguments, in threes, up to `--`;
 * then the working directory, then the command. The first process of a namespace ignores the signals that it does not trap: without
 * the trap, a stop that comes during the set-up would be lost; until the script says that it has begun, there is none yet. `-c` on mount: the paths are relative to a folder that is being covered.
 */
export const SANDBOX_SCRIPT = `
trap 'exit 143' TERM
printf '\\036cauce-sandbox-begun\n' >&2
fail() { printf '\\036cauce-sandbox: %s\\n' "$1" >&2; exit 97; }
for stage in /dev/shm /mnt /media /srv; do [ -d "$stage" ] && break; done
mount -t tmpfs -o mode=755 tmpfs "$stage" 2>/dev/null || fail "no folder could be mounted on $stage"
cd "$stage" || fail "$stage cannot be entered"
while [ "$1" != -- ]; do
  case $1 in
    own) chown -hR "$2:$2" "$3" || fail "$3 cannot be given to user $2" ;;
    keep)
      if [ -L "$3" ]; then cp -P "$3" "./$2"
      elif [ -d "$3" ]; then mkdir "./$2" && mount -c --rbind "$3" "./$2" || fail "$3 cannot be bound"
      else : > "./$2" && mount -c --bind "$3" "./$2" || fail "$3 cannot be bound"; fi ;;
    hide) mount -c -t tmpfs -o mode=755,nosuid,nodev tmpfs "$2" || fail "$2 cannot be covered" ;;
    show)
      if [ -L "./$2" ]; then [ -e "$3" ] || cp -P "./$2" "$3"
      elif [ -d "./$2" ]; then mkdir -p "$3" && mount -c --rbind "./$2" "$3" || fail "$3 cannot be shown"
      else mkdir -p "\${3%/*}" && : >> "$3" && mount -c --bind "./$2" "$3" || fail "$3 cannot be shown"; fi ;;
    seal) mount -c -o remount,bind,ro "$2" 2>/dev/null || mount -c -o remount,bind,ro,nosuid,nodev "$2" || fail "$2 cannot be made read-only" ;;
    loopback) ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || : ;;
    close) mount -c -o remount,bind,ro,nosuid,nodev "$2" || fail "$2 cannot be closed" ;;
  esac
  shift 3
done
shift
mount -t tmpfs -o mode=1777 tmpfs "$stage" || fail "$stage cannot be covered"
mount -t proc proc /proc 2>/dev/null || :
cd "$1" || fail "$1 cannot be entered"
shift
trap - TERM
"$@"
exit $?
`;
