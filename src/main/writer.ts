import { userInfo } from 'node:os'
import { runSession } from './writer/session.ts'

declare global {
  namespace NodeJS {
    interface Process {
      /** Of what TypeScript's types of Node.js leave out. */
      initgroups?: (user: string | number, extraGroup: string | number) => void
    }
  }
}

/** Who asked for a program that sudo or pkexec has started as root, as they say it; null where nobody but its own user did. */
function askedBy({ SUDO_UID, PKEXEC_UID }: NodeJS.ProcessEnv): number | null {
  const uid = PKEXEC_UID ?? SUDO_UID
  return uid === undefined || process.geteuid?.() !== 0 ? null : Number(uid)
}

const asker = askedBy(process.env)

/** The image is read with the rights of the user who asked, and of all groups of that user: root could read what that user may not. */
function dropRights(): () => void {
  if (asker === null) return () => undefined
  // It tells of the effective user alone.
  process.seteuid?.(asker)
  const { username, gid } = userInfo()
  process.seteuid?.(0)
  process.initgroups?.(username, gid)
  process.setegid?.(gid)
  process.seteuid?.(asker)
  return () => process.seteuid?.(0)
}

// Ctrl+C in a terminal reaches everything in it: whoever gives the orders says what becomes of the card.
process.on('SIGINT', () => undefined)
// Nobody listens any more.
process.stdout.on('error', () => process.exit(1))

/** The device as a file descriptor that was inherited; null where it has to be opened. A writer with more rights than its user has takes none. */
const descriptor = /^(?:[3-9]|[1-9]\d{1,5})$/.test(process.argv[3] ?? '') && asker === null ? Number(process.argv[3]) : null

const [device = '', ...others] = process.argv.slice(2)
if (device === '' || others.length > (descriptor === null ? 0 : 1)) {
  process.stderr.write('usage: writer DEVICE [DESCRIPTOR], with orders on standard input; it is started by otabench\n')
  process.exitCode = 2
} else {
  process.exitCode = await runSession({
    device,
    descriptor,
    input: process.stdin,
    tell: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    isElevated: asker !== null,
    dropRights,
  })
  process.stdin.destroy()
}
