import { rmdirSync } from 'node:fs'
import { DebianBoard } from './debian-board.cases.ts'

const UNIT = '/lib/systemd/system/mender-client.service'
const FIFO = '/run/say'

/**
 * Debian's own journald, without the systemd that a folder cannot run, and a process that says what it is told to in a control group by
 * the name of the client's unit: that is how the journal knows whose line it is.
 */
const JOURNALD = (slice: string) => String.raw`
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /run/systemd/journal /run/log/journal
/lib/systemd/systemd-journald 2>/dev/null &
until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
mkdir -p /sys/fs/cgroup/${slice}/mender-client.service
mkfifo ${FIFO}
( echo 0 > /sys/fs/cgroup/${slice}/mender-client.service/cgroup.procs
  exec systemd-cat -t mender-client sh -c 'exec 3<>${FIFO}; while read -r line <&3; do printf "%s\n" "$line"; done' ) &
`

const SERVICE = `printf '[Service]\\nExecStart=/usr/bin/sleep 100000\\n' > ${UNIT}
systemctl start mender-client
`

/** Takes the logs away that the machine below has. */
const NO_FILES = 'rm -f /var/log/messages /var/log/syslog /var/log/daemon.log\n'

interface JournalBoardOptions {
  /** Of the user pi. */
  sudo?: 'free' | 'none'
  log: 'journal' | 'file' | 'none'
}

/** A board that keeps a log of the Mender client. Needs root. */
export class JournalBoard implements AsyncDisposable {
  readonly board: DebianBoard
  readonly #slice: string
  readonly #log: JournalBoardOptions['log']

  private constructor(board: DebianBoard, slice: string, log: JournalBoardOptions['log']) {
    this.board = board
    this.#slice = slice
    this.#log = log
  }

  static async start({ sudo = 'free', log }: JournalBoardOptions): Promise<JournalBoard> {
    const slice = `otabench-${process.pid}-${Date.now()}.slice`
    const keeps = { journal: JOURNALD(slice), file: ': > /var/log/messages\n', none: '' }
    return new JournalBoard(await DebianBoard.start({ sudo, prepare: NO_FILES + SERVICE + keeps[log] }), slice, log)
  }

  get port(): number {
    return this.board.port
  }

  /** Lets the Mender client say a line. */
  say(text: string): void {
    if (this.#log === 'journal') this.board.run(`cat > ${FIFO} <<'E'\n${text}\nE`)
    else this.board.run(`cat >> /var/log/messages <<'E'\n${text}\nE`)
  }

  /** Cuts every connection to it. */
  cut(): void {
    this.board.run('for p in /proc/[0-9]*; do if grep -qa "^sshd: " $p/cmdline 2>/dev/null; then kill -9 ${p#/proc/} || true; fi; done')
  }

  /** The programs that follow its log. */
  followers(): string {
    return this.board.run('for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline 2>/dev/null | grep -E "^(journalctl|tail) " || true; done')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.board[Symbol.asyncDispose]()
    // The control group outlives the board, until the last process in it is gone.
    for (const root of ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'])
      for (const name of [`${this.#slice}/mender-client.service`, this.#slice]) await removeEmptied(`${root}/${name}`)
  }
}

async function removeEmptied(folder: string): Promise<void> {
  for (;;)
    try {
      return rmdirSync(folder)
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EBUSY')) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
}
