import { expect, it } from 'vitest'
import { PROTO, readFrame, writeFrame } from './frame.ts'
import { DeviceLines } from './lines.ts'
import { Terminals } from './terminal.ts'

it('what is typed while a long text is still on its way comes behind it', async () => {
  const sent: string[] = []
  const waiting: (() => void)[] = []
  const lines = new DeviceLines({ now: () => 0, newId: () => 'one' })
  const line = lines.attach('d', {
    send: (message) => {
      const { type, body } = readFrame(message)
      if (type === 'shell') sent.push(Buffer.from(body).toString())
    },
    // A slow line: each message fills it.
    pendingBytes: () => 1 << 20,
    onDrain: (ready) => void waiting.push(ready),
    ...{ pause: () => undefined, resume: () => undefined, close: () => undefined },
  })
  const terminals = new Terminals(lines)
  const events = terminals.open('d', { columns: 80, rows: 24 })
  const opened = events.next()
  await Promise.resolve()
  line.receive(writeFrame({ proto: PROTO.shell, type: 'new', sessionId: 'one', props: { status: 1 } }))
  expect((await opened).value).toEqual({ kind: 'opened', terminalId: 'one' })
  const pasted = 'x'.repeat(20_000)
  let isTyped = false
  const typing = Promise.all([terminals.type('one', Buffer.from(pasted)), terminals.type('one', Buffer.from('key'))]).then(
    () => (isTyped = true),
  )
  while (!isTyped) {
    for (const ready of waiting.splice(0)) ready()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await typing
  expect(sent.join('')).toBe(`${pasted}key`)
  await events.return()
})
