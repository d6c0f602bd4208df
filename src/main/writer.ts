import { runSession } from './writer/session.ts'

/** Who asked for a program that sudo or pkexec has started as root, as they say it; null where nobody but its own user did. */
function askedBy({ SUDO_UID, SUDO_GID, PKEXEC_UID }: NodeJS.ProcessEnv): { uid: number; gid: number | null } | null {
  if (process.geteuid?.() !== 0) return null
  if (PKEXEC_UID !== undefined) return { uid: Number(PKEXEC_UID), gid: null }
  return SUDO_UID === undefined ? null : { uid: Number(SUDO_UID), gid: Number(SUDO_GID) }
}

const asker = askedBy(process.env)

/** The image is read with the rights of the user who asked: root could read what that user may not. */
function dropRights(): () => void {
  if (!asker) return () => undefined
  process.setgroups?.([])
  process.setegid?.(asker.gid ?? asker.uid)
  process.seteuid?.(asker.uid)
  return () => process.seteuid?.(0)
}

// Ctrl+C in a terminal reaches everything in it: whoever gives the orders says what becomes of the card.
process.on('SIGINT', () => undefined)
// Nobody listens any more.
process.stdout.on('error', () => process.exit(1))

const [device = '', ...others] = process.argv.slice(2)
if (device === '' || others.length > 0) {
  process.stderr.write('usage: writer DEVICE, with orders on standard input; it is started by otabench\n')
  process.exitCode = 2
} else {
  process.exitCode = await runSession({
    device,
    input: process.stdin,
    tell: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    isElevated: asker !== null,
    dropRights,
  })
  process.stdin.destroy()
}
