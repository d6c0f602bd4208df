import { expect, it } from 'vitest'
import { serviceText } from '../../../contract/journal.ts'
import { judgeSource } from './look.ts'
import { unitStatesReader } from './unit-states.ts'

/** What systemd 252 answers. */
const SHOWN = `512.25
Id=mender-client.service
LoadState=not-found
ActiveState=inactive
SubState=dead
Result=success
MainPID=0
StateChangeTimestampMonotonic=0

Id=mender-updated.service
LoadState=loaded
ActiveState=active
SubState=running
Result=success
MainPID=312
StateChangeTimestampMonotonic=12250000

Id=mender-authd.service
LoadState=loaded
ActiveState=failed
SubState=failed
Result=exit-code
MainPID=0
StateChangeTimestampMonotonic=500250000
.`

it('tells of the services that there are, in their own words, and since when by this machine', () => {
  const answers: unknown[] = []
  const texts: string[] = []
  const read = unitStatesReader(
    () => 1_000_000_000,
    (states) => {
      answers.push(states)
      texts.push(...states.map(serviceText))
    },
  )
  for (const line of SHOWN.split('\n')) read(line)
  expect(answers).toEqual([
    [
      { unit: 'mender-updated', active: 'active', sub: 'running', result: 'success', pid: 312, since: 999_500_000 },
      { unit: 'mender-authd', active: 'failed', sub: 'failed', result: 'exit-code', pid: null, since: 999_988_000 },
    ],
  ])
  expect(texts).toEqual(['active (running), PID 312', 'failed (exit-code)'])
})

it('takes the journal before a log file, and says who may read it', () => {
  const said = (...lines: string[]) => judgeSource('pi@board', ['now=1000', 'zone=-0330', ...lines, ''].join('\n'))
  expect(said('sudo=sudo -n', 'journal=yes', 'file=/var/log/syslog', 'systemctl=yes')).toEqual({
    ...{ file: null, hasSystemctl: true, sudo: 'sudo -n', nowMs: 1_000_000, zoneMs: -3.5 * 3_600_000 },
  })
  expect(said('sudo=', 'file=/var/log/messages', 'systemctl=yes')).toMatchObject({ file: '/var/log/messages', hasSystemctl: false })
  expect(() => said('sudo=', 'refused=/var/log/syslog')).toThrow('This user may not read /var/log/syslog of pi@board')
})
