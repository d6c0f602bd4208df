import { quoted } from './shell.ts'

/**
 * Where what was replaced is kept until all has gone well; a run that broke off leaves it to the next one. A board whose root file system
 * is read-only has room on its data partition. One that has nowhere else keeps it in memory, where it does not outlive a power cut.
 */
const FOLDERS = ['/var/lib', '/data', '/run'].map((above) => `${above}/otabench-undo`)
const ALL = FOLDERS.join(' ')

/** Finds `$k`, the folder in which replaced files are kept: the one that is there, else the first that can be made. */
const FIND = `k=
for d in ${ALL}; do if [ -d $d ]; then k=$d; break; fi; done
for d in ${ALL}; do if [ -z "$k" ] && [ -d "\${d%/*}" ] && mkdir -m 700 $d 2>/dev/null; then k=$d; fi; done
[ -n "$k" ] || mkdir -m 700 ${FOLDERS[0] ?? ''}`

/** A cut of the power leaves nothing of a file whose contents are not on the disk; busybox syncs all of it at once. */
const synced = (file: string): string => `sync "${file}" 2>/dev/null || sync`

export interface Replacing {
  to: string
  /** What comes there, uploaded already. */
  from: string
  /** Of its content, lower hex. */
  sha256: string
  mode: string
  owner: string
  /** Names what is kept of it. */
  key: string
}

/** Puts a file into its place in one step, and keeps what was there. Where nothing was replaced, nothing is kept. */
export function replaceScript({ to, from, sha256, mode, owner, key }: Replacing): string {
  return `set -e
f=${quoted(to)}
[ -L "$f" ] && f=$(readlink -f "$f")
${FIND}
b=$k/${key} new=
n="$f.otabench-new"
trap 'rm -f "$n"; [ -z "$new" ] || rm -f "$b.old" "$b.path"; rmdir $k 2>/dev/null || true' EXIT
d=$(dirname "$f") top=
while [ ! -d "$d" ]; do top=$d; d=$(dirname "$d"); done
if [ -n "$top" ]; then printf '%s\\n' "$top" "$(dirname "$f")" > "$b.made"; mkdir -p "$(dirname "$f")"; fi
if [ ! -e "$b.path" ]; then
  new=yes
  if [ -e "$f" ]; then cp -p "$f" "$b.old"; ${synced('$b.old')}; else rm -f "$b.old"; fi
  printf '%s' "$f" > "$b.new" && mv "$b.new" "$b.path"
fi
cp ${quoted(from)} "$n"
s=$(sha256sum < "$n")
[ "\${s%% *}" = ${sha256} ] || { echo "it arrived damaged" >&2; exit 1; }
chown ${quoted(owner)} "$n"
chmod ${mode} "$n"
${synced('$n')}
mv -f "$n" "$f"
new=
rm -f ${quoted(from)}`
}

/** Puts back what was replaced; a line each, `+` for what was done and `-` for what could not be. */
export const RESTORE = `for k in ${ALL}; do
  [ -d $k ] || continue
  for p in $k/*.path; do
    [ -e "$p" ] || continue
    b=\${p%.path}; f=$(cat "$p")
    if [ -e "$b.old" ]; then
      if cp -p "$b.old" "$f.otabench-new" && { ${synced('$f.otabench-new')}; } && mv -f "$f.otabench-new" "$f"; then echo "+put back $f"; else rm -f "$f.otabench-new"; echo "-$f"; continue; fi
    elif rm -f "$f"; then echo "+removed $f"; else echo "-$f"; continue; fi
    rm -f "$b.old" "$p"
  done
  for m in $k/*.made; do
    [ -e "$m" ] || continue
    { read -r top; read -r d; } < "$m"
    while rmdir "$d" 2>/dev/null && [ "$d" != "$top" ]; do d=$(dirname "$d"); done
    rm -f "$m"
  done
  rmdir $k 2>/dev/null || true
done`

/** All has gone well: nothing has to be put back any more. */
export const SETTLE = `rm -rf ${ALL}`
