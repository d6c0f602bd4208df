import { AppError } from '../../contract/errors.ts'
import type { Host, RunningProgram } from '../host.ts'
import { endOf, startLeashed } from './leash.ts'
import { QEMU, type Hardware, qemuArguments } from './qemu-arguments.ts'
import { Qmp } from './qmp.ts'

/** Why a process ended. `reset`: the board starts anew. `off`: it has switched itself off. `cut`: we have. */
export type QemuEnd = { kind: 'reset' | 'off' | 'cut' } | { kind: 'crashed'; text: string }

interface ProcessState {
  isCut: boolean
  /** What QEMU has told of its end. */
  shutdown: string | null
  processId: string | null
}

/** From power on to the next reset or power off: one process. */
export interface QemuProcess {
  type(bytes: Uint8Array): void
  readonly monitor: Qmp
  /** Of QEMU on this machine; null before it is known. */
  readonly processId: string | null
  /** Takes the power away: the process is killed. */
  cut(): void
  readonly ended: Promise<QemuEnd>
}

const REMEDY = 'sudo apt-get install qemu-system-arm'

/** TOOL_MISSING where no QEMU for these boards is installed. */
export async function requireQemu({ programs }: Pick<Host, 'programs'>): Promise<void> {
  if ((await programs.find(QEMU)) === null)
    throw new AppError('TOOL_MISSING', `Virtual boards run in QEMU, and ${QEMU} is not installed`, `Install it: ${REMEDY}`)
}

/** Switches a board on. `onSerial` gets what its console says. */
export function startQemu(host: Pick<Host, 'programs'>, hardware: Hardware, onSerial: (bytes: Uint8Array) => void): QemuProcess {
  const program = startLeashed(host, [QEMU, ...qemuArguments(hardware)], 2)
  const [serial, control] = program.sockets
  if (!serial || !control) throw new AppError('INTERNAL', 'QEMU got no sockets')
  const state: ProcessState = { isCut: false, shutdown: null, processId: null }
  serial.on('data', onSerial)
  const monitor = new Qmp(control, ({ name, data }) => {
    if (name === 'SHUTDOWN') state.shutdown = String(data['reason'])
  })
  return {
    monitor,
    get processId() {
      return state.processId
    },
    type: (bytes) => void serial.write(bytes),
    cut() {
      state.isCut = true
      program.endInput()
    },
    ended: reasonOf(program, state),
  }
}

async function reasonOf(program: RunningProgram, state: ProcessState): Promise<QemuEnd> {
  const { exitCode, stderr } = await endOf(program, (processId) => (state.processId = processId))
  if (state.isCut) return { kind: 'cut' }
  if (state.shutdown === 'guest-reset') return { kind: 'reset' }
  if (state.shutdown !== null) return { kind: 'off' }
  return { kind: 'crashed', text: stderr.trim().split('\n').slice(-3).join(' ') || `exit code ${exitCode}` }
}
