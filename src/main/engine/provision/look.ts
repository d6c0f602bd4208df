import { keyLines } from '../lib/key-lines.ts'
import { MAC_SCRIPT } from './identity.ts'
import type { Board } from './board.ts'
import type { BoardFacts } from './run.ts'

const SCRIPT = `echo "architecture=$(uname -m)"
[ -r /etc/os-release ] && . /etc/os-release
echo "system=\${PRETTY_NAME:-}"
for n in mender mender-update; do command -v $n >/dev/null && { v=$($n --version 2>/dev/null | head -n 1); echo "client=\${v:-unknown}"; break; }; done
command -v apt-get >/dev/null && echo apt=yes
command -v dpkg >/dev/null && echo dpkg=yes
command -v systemctl >/dev/null && echo systemd=yes
for n in sha256sum mktemp stat; do command -v $n >/dev/null || echo "lacks=$n"; done
${MAC_SCRIPT} | sed 's/^/mac=/'`

/** What is there. TOOL_MISSING where the board lacks what every recipe needs. */
export async function lookAtBoard(board: Board): Promise<BoardFacts> {
  const values = keyLines(await board.ask('Cannot look around', SCRIPT))
  return {
    system: values.get('system') ?? '',
    architecture: values.get('architecture') ?? '',
    clientVersion: /^(?:\S+ )?(\d\S*)/.exec(values.get('client') ?? '')?.[1] ?? values.get('client') ?? null,
    hasApt: values.has('apt'),
    hasDpkg: values.has('dpkg'),
    hasSystemd: values.has('systemd'),
    mac: values.get('mac') ?? '',
  }
}
