import type { Command } from 'commander'
import { type DriveFaults, NO_DRIVE_FAULTS } from '../../contract/drives.ts'
import type { CliContext } from '../context.ts'
import { size } from '../text.ts'
import { parseSize } from './artifact-output.ts'

interface FaultFlags {
  rate?: string
  failAt?: string
  pullAt?: string
  realSize?: string
}

interface CreateFlags extends FaultFlags {
  size: string
}

const SECTOR_BYTES = 512

/** Drives that are files, and what they do wrong. */
export function addVirtualCommands(command: Command, context: CliContext): void {
  addFaultFlags(command.command('create-virtual <name>'))
    .description('a virtual drive: a file that plays one, in the data folder; it takes only the room that is written')
    .requiredOption('--size <size>', 'its size, as 512MiB or 4GB')
    .action((name: string, flags: CreateFlags) => create(name, flags, context))
  addFaultFlags(command.command('set-faults <name>'))
    .description('what a virtual drive does wrong from now on; none of it without options. It is plugged in again if it was pulled.')
    .action((name: string, flags: FaultFlags) => setFaults(name, flags, context))
  command
    .command('remove-virtual <name>')
    .description('remove a virtual drive and all that was written to it')
    .action((name: string) => remove(name, context))
}

function addFaultFlags(command: Command): Command {
  return command
    .option('--rate <size>', 'it writes so much a second and no more, as 20MiB')
    .option('--fail-at <bytes>', 'writing this byte fails')
    .option('--pull-at <bytes>', 'it is pulled when this byte is written')
    .option('--real-size <size>', 'it keeps only so much, whatever size it says')
}

function faultsOf({ rate, failAt, pullAt, realSize }: FaultFlags): DriveFaults {
  const bytes = (text: string | undefined): number | null => (text === undefined ? null : parseSize(text))
  return {
    ...NO_DRIVE_FAULTS,
    writeBytesPerSecond: bytes(rate),
    failsAtByte: bytes(failAt),
    pulledAtByte: bytes(pullAt),
    realBytes: bytes(realSize),
  }
}

async function create(name: string, { size: wanted, ...flags }: CreateFlags, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const sizeBytes = Math.floor(parseSize(wanted) / SECTOR_BYTES) * SECTOR_BYTES
  const { id } = await session.client.drives.createVirtual({ name, sizeBytes, faults: faultsOf(flags) })
  out.result({ id, sizeBytes }, `virtual drive ${id}: ${size(sizeBytes)}`)
}

async function setFaults(id: string, flags: FaultFlags, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const faults = faultsOf(flags)
  await session.client.drives.setFaults({ id, faults })
  const isGood = Object.values(faults).every((fault) => fault === null)
  out.result({ id, faults }, isGood ? `virtual drive ${id} does nothing wrong` : `virtual drive ${id} has these faults now`)
}

async function remove(id: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.drives.removeVirtual({ id })
  out.result({ removed: id }, `removed: ${id}`)
}
