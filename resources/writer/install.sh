#!/bin/sh
# Installs the writer of OTA Bench where only root can change it, with the policy by which pkexec asks for a password before it starts it.
# usage: install.sh NODE WRITER_JS [DESTDIR]
set -eu

if [ $# -lt 2 ] || [ ! -x "$1" ] || [ ! -f "$2" ]; then
  echo 'usage: install.sh NODE WRITER_JS [DESTDIR]' >&2
  exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
lib=${3-}/usr/lib/ota-bench
actions=${3-}/usr/share/polkit-1/actions

install -d -m 755 "$lib" "$actions"
install -m 755 "$1" "$lib/node"
install -m 644 "$2" "$lib/writer.js"
install -m 755 "$here/otabench-writer" "$lib/otabench-writer"
install -m 644 "$here/org.ota-bench.writer.policy" "$actions/org.ota-bench.writer.policy"
