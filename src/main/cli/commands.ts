import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { say, sayParagraphs, setIn, wrapped } from './language.ts'

export interface CommandEntry {
  summary: string
  /** Loads the command's code; nothing of the others is read from disk. */
  load(context: CliContext): Promise<Command>
}

/** Every command of `otabench`. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  artifact: {
    summary: 'write, read, validate and sign .mender files',
    load: async (context) => (await import('./commands/artifact.ts')).artifactCommand(context),
  },
  image: {
    summary: 'make card images, look at them, copy files out, map their blocks',
    load: async (context) => (await import('./commands/image.ts')).imageCommand(context),
  },
  flash: {
    summary: 'write an image to cards, several at once, and read it back',
    load: async (context) => (await import('./commands/flash.ts')).flashCommand(context),
  },
  recipes: {
    summary: 'what is kept to be flashed again, from and to recipe files',
    load: async (context) => (await import('./commands/recipes.ts')).recipesCommand(context),
  },
  drives: {
    summary: 'what an image can be written to, and why not; virtual drives',
    load: async (context) => (await import('./commands/drives.ts')).drivesCommand(context),
  },
  provision: {
    summary: 'give a board its identity, key, client and configuration',
    load: async (context) => (await import('./commands/provision.ts')).provisionCommand(context),
  },
  station: {
    summary: 'make units out of cards all day: number, key, card, label, record',
    load: async (context) => (await import('./commands/station.ts')).stationCommand(context),
  },
  serial: {
    summary: 'list serial ports, a console on one, the variables of U-Boot',
    load: async (context) => (await import('./commands/serial.ts')).serialCommand(context),
  },
  discover: {
    summary: 'find boards: serial ports, mDNS, neighbours, one row each',
    load: async (context) => (await import('./commands/discover.ts')).discoverCommand(context),
  },
  keys: {
    summary: 'generate, list and import signing keys',
    load: async (context) => (await import('./commands/keys.ts')).keysCommand(context),
  },
  serve: {
    summary: 'run the server that devices poll, in the foreground',
    load: async (context) => (await import('./commands/serve.ts')).serveCommand(context),
  },
  backup: {
    summary: 'copy a bench into one file, also while its server runs',
    load: async (context) => (await import('./commands/backup.ts')).backupCommand(context),
  },
  restore: {
    summary: 'put a backup into a data folder',
    load: async (context) => (await import('./commands/backup.ts')).restoreCommand(context),
  },
  devices: {
    summary: 'list, accept, configure and decommission devices, copy files',
    load: async (context) => (await import('./commands/devices.ts')).devicesCommand(context),
  },
  terminal: {
    summary: 'a shell on a device',
    load: async (context) => (await import('./commands/terminal.ts')).terminalCommand(context),
  },
  sessions: {
    summary: 'play terminals on devices again, as they were recorded',
    load: async (context) => (await import('./commands/sessions.ts')).sessionsCommand(context),
  },
  groups: {
    summary: 'put devices into groups',
    load: async (context) => (await import('./commands/groups.ts')).groupsCommand(context),
  },
  artifacts: {
    summary: 'upload artifacts to the library, list and remove them',
    load: async (context) => (await import('./commands/artifacts.ts')).artifactsCommand(context),
  },
  deploy: {
    summary: 'deploy an artifact to devices, a group or all',
    load: async (context) => (await import('./commands/deploy.ts')).deployCommand(context),
  },
  deployments: {
    summary: 'list, show and abort deployments, read device logs',
    load: async (context) => (await import('./commands/deployments.ts')).deploymentsCommand(context),
  },
  jobs: {
    summary: 'see long work, its log, and stop it',
    load: async (context) => (await import('./commands/jobs.ts')).jobsCommand(context),
  },
  tokens: {
    summary: 'make tokens for programs, say what each may, revoke them',
    load: async (context) => (await import('./commands/tokens.ts')).tokensCommand(context),
  },
  user: {
    summary: 'who logs in, and what each may do',
    load: async (context) => (await import('./commands/user.ts')).userCommand(context),
  },
  webhooks: {
    summary: 'tell other programs by HTTP what happens',
    load: async (context) => (await import('./commands/webhooks.ts')).webhooksCommand(context),
  },
  certificate: {
    summary: 'see and renew the certificate of the https address, or bring one',
    load: async (context) => (await import('./commands/certificate.ts')).certificateCommand(context),
  },
  audit: {
    summary: 'see who ordered what',
    load: async (context) => (await import('./commands/audit.ts')).auditCommand(context),
  },
  publish: {
    summary: 'send an artifact, and if asked a deployment, to a Mender server',
    load: async (context) => (await import('./commands/publish.ts')).publishCommand(context),
  },
  board: {
    summary: 'virtual boards: U-Boot, two slots, the real Mender client in QEMU',
    load: async (context) => (await import('./commands/board.ts')).boardCommand(context),
  },
  sim: {
    summary: 'run virtual devices against a server',
    load: async (context) => (await import('./commands/sim.ts')).simCommand(context),
  },
  desktop: {
    summary: 'open .mender files and otabench:// links with the app, or not',
    load: async (context) => (await import('./commands/desktop.ts')).desktopCommand(context),
  },
  doctor: {
    summary: 'what this machine lacks, each with its remedy',
    load: async (context) => (await import('./commands/doctor.ts')).doctorCommand(context),
  },
  glossary: {
    summary: 'what the words mean, in one sentence each',
    load: async (context) => (await import('./commands/glossary.ts')).glossaryCommand(context),
  },
  demo: {
    summary: 'the whole story on one machine: build, sign, update, roll back',
    load: async (context) => (await import('./commands/demo.ts')).demoCommand(context),
  },
}

const EVERYWHERE = `Every command takes --help, --json, --quiet, --verbose, --data DIR (default: the data folder of the app),
and --server URL --token TOKEN [--ca FILE] to speak to a running engine instead of opening the folder itself.`

const EXIT_CODES =
  'Exit codes: 0 done, 1 failed, 2 wrong command line, 3 file trouble, 4 invalid artifact or signature, 5 negative outcome, 130 interrupted.'

/** The text of `otabench --help`, in lines of so many letters. */
export function usage(width: number): string {
  const indent = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 4
  const list = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name}`.padEnd(indent) + setIn(wrapped(say(summary), width - indent), indent),
  )
  const intro = wrapped(say('otabench COMMAND: update embedded Linux devices over the air, without internet'), width)
  return [intro, '', ...list, '', sayParagraphs(EVERYWHERE, width), sayParagraphs(EXIT_CODES, width)].join('\n')
}
