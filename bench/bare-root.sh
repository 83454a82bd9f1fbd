#!/usr/bin/env bash
# Runs the README's first command on a bare Debian, like a fresh server: with a minimum of libraries, without PostgreSQL,
# and with a /root that is closed to others. Needs root, debootstrap, and this machine's own package sources.
#
#   npm run bare              # creates the bare root in a temporary folder, and removes it
#   npm run bare -- <folder>  # uses the bare root in the folder, or creates one there, and keeps it
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || { echo 'This needs root.' >&2; exit 1; }
command -v debootstrap >/dev/null || { echo 'Please install debootstrap first.' >&2; exit 1; }

keep=${1:-}
root=${keep:-$(mktemp -d /var/tmp/dawnpost-bare-XXXXXX)}
site=
cleanup() {
  [ -n "$site" ] && kill -TERM "$(pidOf src/bin.mjs)" 2>/dev/null && wait "$site" 2>/dev/null
  umount "$root/dev" "$root/proc" 2>/dev/null || true
  [ -n "$keep" ] || rm -rf --one-file-system "$root"
}
trap cleanup EXIT

say() { printf '%s %s\n' "$(date +%T)" "$*"; }
# Runs a command in the bare root, without any of our environment.
within() { chroot "$root" /usr/bin/env -i HOME="${home:-/root}" PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"; }

if [ ! -e "$root/etc/debian_version" ]; then
  sources=$(grep -hE '^URIs:|^deb ' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true)
  mirror=$(grep -oE 'https?://[^ ]*debian/?( |$)' <<<"$sources" | head -1 | tr -d ' ')
  say 'a bare root'
  debootstrap --variant=minbase bookworm "$root" "$mirror" >/dev/null
fi
mkdir -p "$root/proc" "$root/dev"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"

# This machine's Node and npm, since a bare Debian has neither; the checkout installs the version it is pinned to.
node=$(readlink -f "$(PATH=${PATH//node_modules\/.bin/} command -v node)")
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
install -D "$node" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
cp -a "$npm" "$root/usr/local/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
within node --version

# The committed state, cloned as by a newcomer. Packages come from the same registry as on this machine.
cp /etc/resolv.conf "$root/etc/resolv.conf"
for file in ~/.npmrc /etc/npmrc; do [ ! -e "$file" ] || install -D -m 644 "$file" "$root/usr/local/etc/npmrc"; done
certificates=${NODE_EXTRA_CA_CERTS:-}
[ -z "$certificates" ] || install -D -m 644 "$certificates" "$root/etc/ssl/certs/ca-certificates.crt"
if [ -d "$(npm config get cache)" ]; then
  mkdir -p "$root/var/cache/npm" && cp -a "$(npm config get cache)/_cacache" "$root/var/cache/npm/" 2>/dev/null || true
  chmod -R a+rwX "$root/var/cache/npm"
fi
port=41234
start() { # <user> <folder> [NAME=value …]
  local user=$1 folder=$2
  shift 2
  : >"$root/tmp/out"
  chmod 666 "$root/tmp/out"
  chroot --userspec="$user:$user" "$root" /usr/bin/env -i -C "$folder" HOME="${home:-/root}" \
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin npm_config_cache=/var/cache/npm npm_config_prefer_offline=true \
    ${certificates:+NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt} \
    PORT=$port "$@" npm start >"$root/tmp/out" 2>&1 &
  site=$!
  for _ in $(seq 1200); do
    grep -q 'Stop with Ctrl-C' "$root/tmp/out" && break
    kill -0 "$site" 2>/dev/null || { cat "$root/tmp/out"; say "FAILED: $folder"; exit 1; }
    sleep 0.5
  done
  within node -e "fetch('http://127.0.0.1:$port/').then(async (page) => {
    const text = await page.text()
    if (page.status !== 200 || !text.includes('Unlocking Your Inner Wisdom')) process.exit(1)
  })" || { cat "$root/tmp/out"; say "FAILED: no front page, $folder"; exit 1; }
  say "ok: $user in $folder ${*:-} – $(grep -m1 Database "$root/tmp/out" | xargs)"
  grep -h -E '^(Uid|CapPrm|CapEff|CapAmb)' "/proc/$(postmaster)/status" | tr -s '\t\n' ' '
  echo
}
# Finds a process, only among those of the bare root.
pidOf() { # <part of a command line>
  for pid in $(pgrep -f -- "$1"); do
    # Skip the shell through which npm runs it.
    case "$(readlink "/proc/$pid/root") $(readlink "/proc/$pid/exe")" in
      "$root "*/node | "$root "*/postgres) echo "$pid" && return ;;
    esac
  done
}
postmaster() { pidOf dawnpost.data=; }
stop() {
  local server
  server=$(postmaster)
  kill -TERM "$(pidOf src/bin.mjs)"
  wait "$site" || true
  site=
  for _ in $(seq 60); do [ -e "/proc/$server" ] || return 0; sleep 0.5; done
  say 'FAILED: PostgreSQL was left running'
  exit 1
}

chmod 700 "$root/root"
rm -rf "$root/root/dawnpost" "$root/root/moved here"
git -c advice.detachedHead=false clone -q "$here" "$root/root/dawnpost"
start root /root/dawnpost && stop
start root /root/dawnpost && stop
mv "$root/root/dawnpost" "$root/root/moved here"
start root '/root/moved here' && stop
mkdir -p "$root/srv/open" "$root/root/closed"
start root '/root/moved here' DATA_DIR=/srv/open/data && stop
start root '/root/moved here' DATA_DIR=/root/closed/data && stop
stat -c '%a %U %n' "$root/root" "$root/root/moved here/data" "$root/srv/open/data" "$root/root/closed/data"

home='/home/Jörg Müller'
within useradd --home-dir "$home" --create-home joerg
chmod 700 "$root$home"
cp -a "$root/root/moved here" "$root$home/dawnpost"
rm -r "$root$home/dawnpost/data"
chown -R --reference="$root$home" "$root$home"
start joerg "$home/dawnpost" && stop
start joerg "$home/dawnpost" && stop
say 'all of it works'
