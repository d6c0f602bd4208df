import { AppError } from '../../../contract/errors.ts'
import { keyLines } from '../../lib/key-lines.ts'
import { type BoardShell, boardFailure } from '../shell.ts'

/** The services of the Mender client: the one of 3.x, those of 4.x and later, and the one for terminals. */
export const MENDER_UNITS = ['mender-client', 'mender-updated', 'mender-authd', 'mender-connect'] as const

/** Where a board without a journal may keep its log, the usual one first. */
const FILES = ['/var/log/messages', '/var/log/syslog', '/var/log/daemon.log'] as const

export interface JournalSource {
  /** The log file, where there is no journal. */
  file: string | null
  hasSystemctl: boolean
  /** Put in front of commands that need it; empty for who may read everything. */
  sudo: string
  /** The board's clock, and how far east of UTC it is set. */
  nowMs: number
  zoneMs: number
}

const SCRIPT = `S=
[ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && S='sudo -n'; }
echo "sudo=$S"
echo "now=$(date +%s)"
echo "zone=$(date +%z)"
if command -v journalctl >/dev/null; then
  said=$($S journalctl -n 1 2>&1 >/dev/null)
  case $said in
    *permissions*|*'not seeing messages'*) echo journal=refused ;;
    *) if [ -d /run/systemd/system ] || [ -n "$($S journalctl -q -n 1 2>/dev/null)" ]; then echo journal=yes; fi ;;
  esac
fi
for f in ${FILES.join(' ')}; do
  if $S test -r $f; then echo "file=$f"; break; elif [ -e $f ]; then echo "refused=$f"; fi
done
command -v systemctl >/dev/null && echo systemctl=yes
true`

/** Where the log of the Mender client is. PERMISSION for who may not read it; NOT_FOUND where none is kept. */
export async function lookForJournal(shell: BoardShell, signal: AbortSignal): Promise<JournalSource> {
  const result = await shell.run(SCRIPT, { signal })
  if (result.exitCode !== 0) throw boardFailure(`Cannot look for the log of ${shell.name}`, result)
  return judgeSource(shell.name, result.stdout)
}

export function judgeSource(name: string, output: string): JournalSource {
  const said = keyLines(output)
  const hasJournal = said.get('journal') === 'yes'
  const file = said.get('file') ?? null
  if (said.get('journal') === 'refused') throw mayNotRead(`the journal of ${name}`, 'systemd-journal')
  if (!hasJournal && file === null) {
    const refused = said.get('refused')
    if (refused !== undefined) throw mayNotRead(`${refused} of ${name}`, 'adm')
    const hint = `Install systemd's journal, or let syslogd write to ${FILES[0]} (busybox's does so when it is started without -C).`
    throw new AppError('NOT_FOUND', `${name} keeps no journal, and none of ${FILES.join(', ')}`, hint)
  }
  const [, sign = '+', hours = '00', minutes = '00'] = /^([+-])(\d\d)(\d\d)$/.exec(said.get('zone') ?? '') ?? []
  return {
    file: hasJournal ? null : file,
    hasSystemctl: said.has('systemctl') && hasJournal,
    sudo: said.get('sudo') ?? '',
    nowMs: Number(said.get('now')) * 1000,
    zoneMs: (sign === '-' ? -60_000 : 60_000) * (60 * Number(hours) + Number(minutes)),
  }
}

function mayNotRead(what: string, group: string): AppError {
  return new AppError(
    'PERMISSION',
    `This user may not read ${what}`,
    `Log in as root, put the user into the group ${group}, or let it use sudo without a password.`,
  )
}
