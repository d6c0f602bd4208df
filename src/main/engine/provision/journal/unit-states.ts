import type { ServiceState } from '../../../contract/journal.ts'
import { keyLines } from '../../lib/key-lines.ts'
import { MENDER_UNITS } from './look.ts'

const END = '.'
const PROPERTIES = ['Id', 'LoadState', 'ActiveState', 'SubState', 'Result', 'MainPID', 'StateChangeTimestampMonotonic']

/** Tells how the services are, again and again: systemctl has no way to wait for a change. */
export const UNIT_STATES_SCRIPT = `(while :; do
  cut -d ' ' -f 1 /proc/uptime
  systemctl show ${PROPERTIES.map((name) => `-p ${name}`).join(' ')} ${MENDER_UNITS.map((unit) => `${unit}.service`).join(' ')} 2>/dev/null
  echo ${END} || exit
  sleep 2
done)`

/** Puts what `UNIT_STATES_SCRIPT` prints together; calls `onStates` with each whole answer. */
export function unitStatesReader(now: () => number, onStates: (states: ServiceState[]) => void): (line: string) => void {
  let lines: string[] = []
  return (line) => {
    if (line !== END) return void lines.push(line)
    const [uptime = '', ...blocks] = lines
    lines = []
    onStates(parseUnitStates(blocks.join('\n'), now() - Number(uptime) * 1000))
  }
}

/** Those units that there are. `bootedAt`: when the board was started, by this machine's clock. */
export function parseUnitStates(output: string, bootedAt: number): ServiceState[] {
  return output.split(/\n{2,}/).flatMap((block) => {
    const said = keyLines(block)
    const id = said.get('Id')
    if (id === undefined || said.get('LoadState') === 'not-found') return []
    const [pid, changed] = [Number(said.get('MainPID') ?? 0), Number(said.get('StateChangeTimestampMonotonic') ?? 0)]
    return [
      {
        unit: id.replace(/\.service$/, ''),
        active: said.get('ActiveState') ?? 'unknown',
        sub: said.get('SubState') ?? '',
        result: said.get('Result') ?? '',
        pid: pid > 0 ? pid : null,
        since: changed > 0 ? Math.round((bootedAt + changed / 1000) / 1000) * 1000 : null,
      },
    ]
  })
}
