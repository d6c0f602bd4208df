import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evidence, NO_EVIDENCE, asKept, asTrial, see } from './evidence.ts'
import { SerialLines } from './serial-lines.ts'

/** What is known after a console has said all this, and what went to the timeline. */
function after(text: string, before: Evidence = NO_EVIDENCE): { evidence: Evidence; notes: string[] } {
  const notes: string[] = []
  let evidence = before
  const lines = new SerialLines((line) => {
    const seen = see(evidence, line)
    evidence = seen.evidence
    if (seen.note) notes.push(`${seen.note.lane} ${seen.note.level}: ${seen.note.text}`)
  })
  lines.add(Buffer.from(text))
  lines.end()
  return { evidence, notes }
}

const BANNER = '\r\nU-Boot 2023.01+dfsg-2+deb12u3 (Jan 04 2025 - 11:08:46 +0000)\r\n\r\nDRAM:  256 MiB\r\n'
const START = (slot: number) => `Mender: slot ${slot} is started\r\nStarting kernel ...\r\n`
const LOGIN = 'board: up after 2.40 s, root /dev/vda2, artifact_name=os-1\r\n\r\nos-1 login: '

describe('what the console of a board shows', () => {
  it('is U-Boot, the slot it starts, the system and its login prompt, at which nobody ends the line', () => {
    expect(after(BANNER + START(2) + LOGIN)).toEqual({
      evidence: { phase: 'up', partition: 2, isTrial: false, tried: null, givenUp: null },
      notes: [
        'boot info: U-Boot 2023.01+dfsg-2+deb12u3 starts',
        'boot info: U-Boot starts the system on partition 2',
        'serial info: The system on partition 2 is up: it asks for a login',
      ],
    })
  })

  it.each([
    ['U-Boot alone', BANNER, 'loader', null],
    ['a kernel that is started', BANNER + START(3), 'kernel', 3],
    ['an init of busybox', `${BANNER}${START(3)}board: up after 2 s, root /dev/vda3\n`, 'init', 3],
    ['systemd', `${START(2)}[    3.1] systemd[1]: systemd 252.36-1 running in system mode\n`, 'init', 2],
    ['the command line of the kernel', 'Kernel command line: root=/dev/mmcblk0p3 ro console=ttyAMA0\n', 'dark', 3],
    ['a panic', `${BANNER}${START(3)}[    1.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n`, 'panicked', 3],
    ['a reboot', `${BANNER}${START(3)}${LOGIN}\n[   60.1] reboot: Restarting system\n`, 'restarting', 3],
    ['a power off', `${BANNER}${START(2)}${LOGIN}\n[   60.1] reboot: Power down\n`, 'halted', 2],
    ['the next start', `${BANNER}${START(2)}${LOGIN}\n${BANNER}`, 'loader', null],
  ])('%s', (_, text, phase, partition) => {
    expect(after(text).evidence).toMatchObject({ phase, partition })
  })

  it('is the same in whatever pieces it comes, with the escapes of terminals in between', () => {
    const text = `${BANNER}${START(3)}\u001B[6n\u001B[1;31m[ 1.2] Kernel panic - not syncing: no init\u001B[0m\r\n${BANNER}${START(2)}${LOGIN}`
    const whole = after(text)
    expect(whole.notes).toContain('serial error: [ 1.2] Kernel panic - not syncing: no init')
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const notes: string[] = []
        let evidence = NO_EVIDENCE
        const lines = new SerialLines((line) => {
          const seen = see(evidence, line)
          evidence = seen.evidence
          if (seen.note) notes.push(`${seen.note.lane} ${seen.note.level}: ${seen.note.text}`)
        })
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length]
        for (const [index, place] of places.entries()) lines.add(Buffer.from(text.slice(place, places[index + 1] ?? text.length)))
        expect({ evidence, notes }).toEqual(whole)
      }),
    )
  })

  it('shows an update that is tried and given up: its slot is the failed one until another is started there', () => {
    const trial = asTrial(after(BANNER + START(3)).evidence, true)
    expect(trial).toMatchObject({ isTrial: true, tried: 3, givenUp: null })
    const back = after(`Kernel panic - not syncing: x\n${BANNER}Mender: the update did not start, going back\n${START(2)}${LOGIN}`, trial)
    expect(back.evidence).toMatchObject({ phase: 'up', partition: 2, isTrial: false, tried: null, givenUp: 3 })
    expect(back.notes).toContain('boot warning: The boot count is past its limit: U-Boot goes back to the other slot')
    expect(after(BANNER + START(3), back.evidence).evidence).toMatchObject({ partition: 3, givenUp: null })
  })

  it('shows an update that is kept, and is no failed one when another slot is started later', () => {
    const trial = asTrial(after(BANNER + START(3) + LOGIN).evidence, true)
    expect(asKept(trial, { partition: 3, isTrial: true })).toBe(trial)
    expect(asKept(trial, { partition: 2, isTrial: false })).toBe(trial)
    const committed = asKept(trial, { partition: 3, isTrial: false })
    expect(committed).toMatchObject({ partition: 3, isTrial: false, tried: null })
    expect(after(BANNER + START(2), committed).evidence).toMatchObject({ partition: 2, givenUp: null })
    const kept = asTrial(after(BANNER + START(3), asTrial(after(BANNER + START(3)).evidence, true)).evidence, false)
    expect(kept).toMatchObject({ partition: 3, tried: null, givenUp: null })
  })

  it('shows that a kernel is missing, and which slot is started instead', () => {
    const text = `${BANNER}Mender: slot 3 is started\nFailed to load '/boot/vmlinuz'\nMender: slot 3 does not boot\n${START(2)}${LOGIN}`
    const { evidence, notes } = after(text)
    expect(evidence).toMatchObject({ phase: 'up', partition: 2, givenUp: 3 })
    expect(notes).toContain('boot error: The kernel is missing: U-Boot did not find /boot/vmlinuz')
  })

  it('shows that a system has no network', () => {
    const { evidence, notes } = after(`${BANNER}${START(3)}board: no network: eth0 is missing\n${LOGIN}`)
    expect(evidence.phase).toBe('up')
    expect(notes).toContain('serial error: The system has no network: eth0 is missing')
  })

  it('is never confused by what a console says besides', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }), (lines) => {
        const { evidence } = after(lines.join('\n'))
        expect(Object.keys(evidence).toSorted()).toEqual(Object.keys(NO_EVIDENCE).toSorted())
      }),
    )
    expect(after('kernel: nothing\nlogin attempts: 3\nU-Boot is a boot loader\n')).toEqual({ evidence: NO_EVIDENCE, notes: [] })
  })

  it('has no line that grows without end', () => {
    const lines: string[] = []
    const cutter = new SerialLines((line) => lines.push(line))
    for (let piece = 0; piece < 100; piece += 1) cutter.add(Buffer.alloc(1000, 'x'))
    cutter.end()
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(2000)
    expect(lines.join('')).toHaveLength(100_000)
  })
})
