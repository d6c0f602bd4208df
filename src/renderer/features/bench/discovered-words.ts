import { plural, t } from '@lingui/core/macro'
import type { DiscoveredBoard } from '@contract/discovery.ts'
import type { ConsolePreset } from '../../app/dock-state.ts'
import type { ProvisionPreset } from '../../app/window-state.ts'

type Board = Pick<DiscoveredBoard, 'roads' | 'ssh' | 'addresses' | 'deviceId'>

const portOf = ({ roads }: Board): string | null => roads.find(({ road }) => road === 'serial')?.place ?? null

/** The road by which a board would be provisioned: SSH is the quicker one. null where there is none. */
export function provisionOf(board: Board): ProvisionPreset | null {
  const { ssh, addresses } = board
  if (ssh !== null) return { road: 'ssh', place: ssh.host, tcpPort: ssh.port }
  const port = portOf(board)
  if (port !== null) return { road: 'serial', place: port }
  return addresses[0] === undefined ? null : { road: 'ssh', place: addresses[0] }
}

/** What its console is opened with: a serial one shows more, and also what comes before there is a network. */
export function consoleOf(board: Board): ConsolePreset | null {
  const { ssh, addresses, deviceId } = board
  const whose = deviceId === null ? {} : { deviceId }
  const port = portOf(board)
  if (port !== null) return { ...whose, path: port }
  if (ssh !== null) return { ...whose, host: ssh.host, port: ssh.port }
  return addresses[0] === undefined ? null : { ...whose, host: addresses[0] }
}

/** What is noticed besides the boards that are shown: what may be one, and what is ignored. null where that is nothing. */
export function othersOf(boards: readonly Pick<DiscoveredBoard, 'isLikely' | 'isIgnored'>[]): string | null {
  const ignored = boards.filter(({ isIgnored }) => isIgnored).length
  const unsure = boards.filter(({ isIgnored, isLikely }) => !isIgnored && !isLikely).length
  const unsureText = plural(unsure, { one: '# port or address that may be a board', other: '# ports and addresses that may be boards' })
  const ignoredText = plural(ignored, { one: '# ignored board', other: '# ignored boards' })
  if (unsure > 0 && ignored > 0) return t`${unsureText}, ${ignoredText}`
  if (unsure > 0) return unsureText
  return ignored > 0 ? ignoredText : null
}
