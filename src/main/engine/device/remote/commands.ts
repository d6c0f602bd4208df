import { createHash } from 'node:crypto'
import { AppError } from '../../../contract/errors.ts'
import { formatEnvironment } from '../bootloader.ts'
import type { Machine } from '../machine.ts'
import { ARTIFACT_NAME, DEVICE_TYPE } from '../wire.ts'
import { type VirtualDisk, plain } from './disk.ts'
import { KERNEL, hostName } from './system-files.ts'

/** What can be told to the device's client from a shell or over the connection. */
export interface Controls {
  /** Polls now. */
  checkUpdate(): void
  sendInventory(): void
  /** Resets the board. */
  reboot(): void
}

/** What a command works on. */
export interface Setting {
  machine: Machine
  disk: VirtualDisk
  controls: Controls
  /** Absolute. */
  cwd: string
}

interface Command {
  usage: string
  run(args: readonly string[], setting: Setting, signal: AbortSignal): AsyncIterable<Uint8Array>
}

type Speak = (args: readonly string[], setting: Setting) => string | Promise<string>

/** A command that says one text. */
function says(usage: string, speak: Speak): Command {
  return {
    usage,
    async *run(args, setting) {
      const text = await speak(args, setting)
      if (text !== '') yield Buffer.from(text)
    },
  }
}

const at = (path: string, { cwd }: Setting): string => plain(path.startsWith('/') ? path : `${cwd}/${path}`)
const split = (args: readonly string[]) => ({
  flags: args.filter((arg) => /^-./.test(arg)).join(''),
  names: args.filter((arg) => !/^-./.test(arg)),
})

function needed(args: readonly string[], what: string): string[] {
  if (args.length === 0) throw new AppError('BAD_INPUT', `name ${what}`)
  return [...args]
}

async function list(args: readonly string[], setting: Setting): Promise<string> {
  const { flags, names } = split(args)
  const paths = names.length === 0 ? ['.'] : names
  const isLong = flags.includes('l')
  const lines: string[] = []
  for (const path of paths) {
    const target = at(path, setting)
    const entry = await setting.disk.stat(target)
    if (!entry) throw new AppError('NOT_FOUND', `${path}: No such file or directory`)
    const isFolder = entry.kind === 'folder'
    if (paths.length > 1 && isFolder) lines.push(`${path}:`)
    for (const name of isFolder ? await setting.disk.list(target) : [path]) {
      const full = isFolder ? `${target}/${name}` : target
      lines.push(isLong ? await longLine(full, name, setting) : name)
    }
  }
  return isLong ? block(lines) : block([lines.join('  ')])
}

const block = (lines: readonly string[]): string =>
  lines
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('')

async function longLine(path: string, name: string, { disk }: Setting): Promise<string> {
  const entry = await disk.stat(path)
  if (!entry) return name
  const bits = Array.from('rwxrwxrwx', (letter, index) => (entry.mode & (0o400 >> index) ? letter : '-')).join('')
  const date = new Date(entry.modifiedAt).toISOString().slice(0, 16).replace('T', ' ')
  return `${entry.kind === 'folder' ? 'd' : '-'}${bits} root root ${String(entry.sizeBytes).padStart(10)} ${date} ${name}`
}

const cat: Command = {
  usage: 'FILE…   print files',
  async *run(args, setting, signal) {
    for (const path of needed(args, 'a file'))
      for await (const chunk of setting.disk.content(at(path, setting))) {
        signal.throwIfAborted()
        yield chunk
      }
  },
}

const sha256sum: Command = {
  usage: 'FILE…   their SHA-256',
  async *run(args, setting, signal) {
    for (const path of needed(args, 'a file')) {
      const hash = createHash('sha256')
      for await (const chunk of setting.disk.content(at(path, setting))) {
        signal.throwIfAborted()
        hash.update(chunk)
      }
      yield Buffer.from(`${hash.digest('hex')}  ${path}\n`)
    }
  },
}

async function changeFolder([path = '/']: readonly string[], setting: Setting): Promise<string> {
  const target = at(path, setting)
  const entry = await setting.disk.stat(target)
  if (!entry) throw new AppError('NOT_FOUND', `${path}: No such file or directory`)
  if (entry.kind !== 'folder') throw new AppError('BAD_INPUT', `${path}: Not a directory`)
  setting.cwd = target
  return ''
}

/** `mender` of the clients up to 3, `mender-update` of those from 4 on. */
function mender([command = '', ...rest]: readonly string[], { machine, controls }: Setting): string {
  const { record } = machine.store
  if (command === 'show-artifact' && rest.length === 0) return `${record.artifactName}\n`
  if (command === 'show-provides') {
    const provides = { ...record.provides, [ARTIFACT_NAME]: record.artifactName, [DEVICE_TYPE]: machine.options.deviceType }
    return block(Object.entries(provides).map(([name, value]) => `${name}=${value}`))
  }
  if (command === 'check-update') controls.checkUpdate()
  else if (command === 'send-inventory') controls.sendInventory()
  else if (command === '--version') return 'virtual\n'
  else throw new AppError('BAD_INPUT', `"${command}" is not one of show-artifact, show-provides, check-update, send-inventory`)
  return ''
}

async function touch(args: readonly string[], setting: Setting): Promise<string> {
  for (const path of needed(args, 'a file'))
    if (!(await setting.disk.stat(at(path, setting)))) await setting.disk.write(at(path, setting), nothing())
  return ''
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {}

async function each(args: readonly string[], setting: Setting, work: (path: string) => Promise<void>): Promise<string> {
  for (const path of needed(split(args).names, 'a path')) await work(at(path, setting))
  return ''
}

function uname(args: readonly string[], setting: Setting): string {
  const { flags } = split(args)
  const { name, release, machine } = KERNEL
  if (flags.includes('a')) return `${name} ${hostName(setting.machine)} ${release} ${machine}\n`
  return `${flags.includes('r') ? release : flags.includes('m') ? machine : flags.includes('n') ? hostName(setting.machine) : name}\n`
}

/** What the shell of a virtual device knows, besides `exit`. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['cat', cat],
  ['cd', says('[FOLDER]   go there', changeFolder)],
  ['clear', says('   wipe the screen', () => '\u001b[2J\u001b[H')],
  ['date', says('   the time', (_args, { machine }) => `${new Date(machine.host.clock.now()).toUTCString()}\n`)],
  ['dmesg', says('   what the serial console showed', (_args, { machine }) => block(machine.console.lines))],
  ['echo', says('WORD…   print words; > FILE and >> FILE write them', (args) => `${args.join(' ')}\n`)],
  ['fw_printenv', says("   the bootloader's environment", (_args, { machine }) => formatEnvironment(machine.environment.value))],
  ['help', says('   this list', () => helpText())],
  ['hostname', says("   the device's name", (_args, { machine }) => `${hostName(machine)}\n`)],
  ['id', says('   who you are', () => 'uid=0(root) gid=0(root)\n')],
  ['ls', says('[-l] [PATH…]   what is in a folder', list)],
  ['mender', says('show-artifact | show-provides | check-update | send-inventory', mender)],
  ['mender-update', says('the same, as from client 4 on', mender)],
  ['mkdir', says('FOLDER…   make folders', (args, setting) => each(args, setting, (path) => setting.disk.makeFolder(path)))],
  ['pwd', says('   where you are', (_args, { cwd }) => `${cwd}\n`)],
  ['reboot', says('   reset the board', (_args, { controls }) => (controls.reboot(), ''))],
  ['rm', says('PATH…   remove files', (args, setting) => each(args, setting, (path) => setting.disk.remove(path)))],
  ['sha256sum', sha256sum],
  ['touch', says('FILE…   make empty files', touch)],
  ['uname', says('[-a]   the kernel', uname)],
])

function helpText(): string {
  const lines = [...COMMANDS].map(([name, { usage }]) => `  ${name} ${usage}`)
  return block([
    'This virtual device knows:',
    ...lines,
    '  exit    leave',
    'Files can be written in /data, which outlives updates, and /tmp.',
  ])
}
