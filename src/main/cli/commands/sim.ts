import { createHash } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type SimulatedDevice, createSimulatedDevice } from '../../engine/device/device.ts'
import {
  DEFAULT_INTERVALS,
  DEVICE_KEY_ALGORITHMS,
  type DeviceEvent,
  type DeviceKeyAlgorithm,
  FAIL_POINTS,
  type FailPoint,
  NO_FAULTS,
} from '../../engine/device/options.ts'
import { readWhole } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import { entryText } from '../text.ts'

interface SimOptions {
  count: number
  type: string
  failAt?: FailPoint
  speed?: number
  poll: number
  breakAt?: number
  resume: number
  silent?: boolean
  slot: number
  key: DeviceKeyAlgorithm
  connect: boolean
}

const SLOT_MIB = 64

/** `otabench sim`: virtual devices against a server, until Ctrl+C or SIGTERM. */
export function simCommand(context: CliContext): Command {
  return new Command('sim')
    .description(
      'Runs virtual devices against --server URL, in one process, until Ctrl+C. They keep their keys and slots in the data folder.',
    )
    .option('--count <N>', 'how many devices', wholeNumber, 1)
    .option('--type <TYPE>', 'their device type', 'virtual')
    .addOption(new Option('--fail-at <STATE>', 'where each update fails').choices(FAIL_POINTS))
    .option('--speed <BYTES/S>', 'speed of the network of each device', wholeNumber)
    .option('--poll <S>', 'seconds between polls', seconds, DEFAULT_INTERVALS.pollMs / 1000)
    .option('--break-at <BYTE>', 'the first connection of each download breaks there; it goes on by Range', wholeNumber)
    .option('--resume <S>', 'seconds until a broken download goes on', seconds, DEFAULT_INTERVALS.resumeMs / 1000)
    .option('--silent', 'authenticate once, then be silent')
    .option('--slot <MIB>', 'size of each of the two slots', wholeNumber, SLOT_MIB)
    .option('--no-connect', 'without the connection for terminals, files and a poll on demand')
    .addOption(new Option('--key <ALGORITHM>', 'kind of the device keys').choices(DEVICE_KEY_ALGORITHMS).default('p256'))
    .action((options: SimOptions) => simulate(options, context))
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.')
  return Number(text)
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value >= 0.1 && value <= 1e6)) throw new InvalidArgumentError('It must be a number of seconds, at least 0.1.')
  return value
}

async function simulate(options: SimOptions, context: CliContext): Promise<void> {
  const { out, signal, host } = context
  const { server, ca, data } = context.globals()
  if (server === undefined) throw new AppError('BAD_INPUT', 'sim needs --server URL', 'For example --server http://127.0.0.1:8080.')
  const caPem = ca === undefined ? null : new TextDecoder().decode(await readWhole(host.files, ca))
  const devices: SimulatedDevice[] = []
  try {
    for (let number = 1; number <= options.count && !signal.aborted; number++) {
      const name = `${options.type}-${String(number).padStart(3, '0')}`
      const folder = `${data}/sim/${name}`
      const device = await createSimulatedDevice(
        { ...settings(options, name), folder, serverUrl: () => server, caPem: () => caPem, onEvent: printer(context, name) },
        host,
      )
      devices.push(device)
      device.powerOn()
    }
    out.note(`${devices.length} virtual devices of type ${options.type} poll ${server} every ${options.poll} s; Ctrl+C stops them`)
    await stopped(signal)
  } finally {
    await Promise.all(devices.map((device) => device.stop()))
  }
  out.note(`${devices.length} virtual devices stopped`)
}

function settings(options: SimOptions, name: string) {
  const { speed = null, breakAt = null, failAt = null, silent = false } = options
  return {
    // Lists without a badge say so as well.
    name: name.startsWith('virtual') ? name : `virtual ${name}`,
    mac: macOf(name),
    deviceType: options.type,
    keyAlgorithm: options.key,
    hasConnect: options.connect,
    slotSizeBytes: options.slot * 1024 * 1024,
    factory: { artifactName: 'factory', imagePath: null },
    verificationKeys: () => [],
    faults: {
      ...NO_FAULTS,
      failAt,
      speedBytesPerSecond: speed,
      breakAtBytes: breakAt,
      silence: silent ? ('soon' as const) : ('none' as const),
    },
    intervals: { ...DEFAULT_INTERVALS, pollMs: options.poll * 1000, resumeMs: options.resume * 1000 },
  }
}

/** The same device has the same address in every run: locally administered, from its name. */
function macOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 5)
  return ['02', ...Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))].join(':')
}

/** States, power and what goes wrong; the whole console only with --json. */
function printer({ out }: CliContext, name: string): (event: DeviceEvent) => void {
  return (event) => {
    const isWorthALine = event.lane === 'state' || event.level !== 'info'
    if (out.style.isJson || isWorthALine)
      out.verbatim({ device: name, ...event }, `${time(event.at)} ${name} ${event.lane === 'state' ? '→ ' : ''}${entryText(event)}`)
  }
}

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23)
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
