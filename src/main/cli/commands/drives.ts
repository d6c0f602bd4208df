import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import { RULE_FILE, udevRule } from '../../engine/safety/udev-rule.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { fact, facts, oneLine, size, table } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { driveNamed } from './card-called.ts'
import { addVirtualCommands } from './drives-virtual.ts'

const NOTES = `
Drives that the system needs are refused, whatever is typed. Large, built-in and unknown ones are written only after their name was typed.
A virtual drive is a file that plays one.`

/** `otabench drives`: what an image can be written to. */
export function drivesCommand(context: CliContext): Command {
  const command = new Command('drives').description('Drives that images can be written to.').addHelpText('after', NOTES)
  command
    .command('list')
    .description('all drives, and which of them may be written')
    .option('--loop', 'loop devices too')
    .option('--watch', 'go on, and list them again at each change')
    .action((flags: ListFlags) => list(flags, context))
  command
    .command('show <drive>')
    .description('one drive, by its path or name: what is on it, and why it may not be written')
    .action((name: string) => show(name, context))
  command
    .command('eject <drive>')
    .description('unmount it and switch its power off, so that it can be pulled')
    .action((name: string) => eject(name, context))
  command
    .command('rule <drive>')
    .description('a rule for udev that lets people write what is in this reader and port without root, and nothing else')
    .addOption(new Option('--group <name>', 'the members of a group, instead of who sits at the machine'))
    .action((name: string, flags: { group?: string }) => rule(name, flags, context))
  command
    .command('install-writer')
    .description('as root: install the writer where only root can change it, so that the app can ask for a password when it is needed')
    .option('--prefix <folder>', 'install below this folder, for packages')
    .action((flags: { prefix?: string }) => installWriter(flags, context))
  addVirtualCommands(command, context)
  return command
}

interface ListFlags {
  loop?: boolean
  watch?: boolean
}

async function list({ loop = false, watch = false }: ListFlags, { openEngine, out, signal }: CliContext): Promise<void> {
  await using session = await openEngine()
  for await (const drives of await session.client.drives.list({ hasLoops: loop }, { signal })) {
    out.event(drives, `${asTable(drives)}${watch ? '\n\n' : ''}`)
    if (!watch) return
  }
}

function asTable(drives: readonly Drive[]): string {
  if (drives.length === 0) return 'There are no drives. A virtual one: otabench drives create-virtual NAME --size 4GB'
  const rows = drives.map((drive) => [
    ...[drive.identity.path, oneLine(drive.name), drive.sizeBytes === 0 ? '-' : size(drive.sizeBytes), busOf(drive)],
    ...[drive.mountedAt.length === 0 ? '-' : oneLine(drive.mountedAt.join(' ')), contentOf(drive) || '-', verdictOf(drive)],
  ])
  return table(['drive', 'name', 'size', 'bus', 'mounted at', 'holds', 'may be written'], rows)
}

/** The name says of a virtual drive that it is one. */
function busOf({ bus }: Drive): string {
  return bus === 'virtual' ? 'file' : bus
}

function contentOf({ mender, partitions }: Drive): string {
  if (mender) return `Mender ${oneLine([mender.artifactName, mender.deviceType].filter((text) => text !== '').join(' for '))}`
  return [...new Set(partitions.map(({ fileSystem }) => fileSystem).filter((kind) => kind !== ''))].join(' ')
}

function verdictOf({ verdict, access }: Drive): string {
  const [first] = verdict.reasons
  if (verdict.kind === 'refused') return `no: ${oneLine(first?.text ?? '')}`
  const how = verdict.kind === 'needs-name' ? `after its name was typed: ${first?.text ?? ''}` : 'yes'
  return access === 'open' ? how : `${how} (${access === 'asks' ? 'asks for a password' : 'but not by you'})`
}

/** NOT_FOUND, and BAD_INPUT where several are called so. */
async function findDrive(name: string, client: EngineClient, context: CliContext): Promise<Drive> {
  const drive = await driveNamed(await now(client.drives.list({ hasLoops: true })), name, context)
  if (!drive) throw new AppError('NOT_FOUND', `There is no drive ${JSON.stringify(name)}`, 'See otabench drives list.')
  return drive
}

async function show(name: string, context: CliContext): Promise<void> {
  const { out } = context
  await using session = await context.openEngine()
  const drive = await findDrive(name, session.client, context)
  const { identity, reader, mender, verdict, partitions } = drive
  const all = [
    fact('name', drive.name),
    fact('path', identity.path),
    fact('size', `${size(drive.sizeBytes)} (${drive.sizeBytes} bytes)`),
    fact('serial', identity.serial),
    fact('reader', reader),
    fact('bus', busOf(drive)),
    fact('port', identity.port),
    fact('Mender', mender ? `artifact ${mender.artifactName || '-'}, device type ${mender.deviceType || '-'}` : ''),
    fact('may be written', verdictOf(drive)),
  ]
  const lines = facts(all.flatMap(([label, value]) => (value === '' ? [] : [[label, oneLine(value)]])))
  const reasons = verdict.reasons.map(({ text, remedy }) => `- ${oneLine(text)}${remedy === '' ? '' : ` ${oneLine(remedy)}`}`)
  const rows = partitions.map(({ path, sizeBytes, fileSystem, label, mountedAt }) => [
    ...[path, size(sizeBytes), fileSystem || '-', oneLine(label) || '-', oneLine(mountedAt.join(' ')) || '-'],
  ])
  const parts = rows.length === 0 ? [] : ['', table(['partition', 'size', 'file system', 'label', 'mounted at'], rows)]
  out.result(drive, [...lines, ...reasons, ...parts].join('\n'))
}

async function eject(name: string, context: CliContext): Promise<void> {
  const { out } = context
  await using session = await context.openEngine()
  const { identity, name: own } = await findDrive(name, session.client, context)
  const result = await session.client.drives.eject({ identity })
  out.result(
    result,
    result.isPoweredOff ? `${own} is switched off: it can be pulled.` : `Nothing of ${own} is mounted any more: it can be pulled.`,
  )
}

async function rule(name: string, { group = null }: { group?: string | null }, context: CliContext): Promise<void> {
  const { out } = context
  await using session = await context.openEngine()
  const lines = udevRule(await findDrive(name, session.client, context), group)
  out.verbatim({ file: RULE_FILE, rule: lines }, lines)
  out.note(`Put it into ${RULE_FILE} (append it when there is one), and let udev read it:`)
  out.note(`  otabench drives rule ${name}${group === null ? '' : ` --group ${group}`} | sudo tee --append ${RULE_FILE}`)
  out.note('  sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=block')
}

/** Copies this Node.js, the writer and the policy for it; what is there already is replaced. */
async function installWriter({ prefix = '' }: { prefix?: string }, { host, out, cwd, rendererFolder }: CliContext): Promise<void> {
  const { machine, programs } = host
  if (prefix === '' && machine.userId !== 0)
    throw new AppError('PERMISSION', 'Only root can install the writer', 'sudo otabench drives install-writer')
  const [node = ''] = programs.writer
  const script = resolve(rendererFolder, '../../resources/writer/install.sh')
  const folder = prefix === '' ? '' : absolute(cwd, prefix)
  const { exitCode, stderr } = await programs.run('sh', [script, node, resolve(rendererFolder, '../writer/writer.js'), folder])
  if (exitCode !== 0) throw new AppError('PERMISSION', `The writer was not installed: ${stderr.trim()}`, 'See who may write there.')
  out.result({ folder: `${folder}/usr/lib/ota-bench` }, `installed in ${folder}/usr/lib/ota-bench`)
}
