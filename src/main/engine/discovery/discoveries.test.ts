import { expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import type { SerialPortFacts } from '../../contract/serial.ts'
import { fakeHost } from '../host.fake.ts'
import { Discoveries } from './discoveries.ts'

const NOTHING_IGNORED = { get: () => [], set: () => undefined }

it('a look around ends with why, when the ports cannot be read any more', async () => {
  const gone = new AppError('PERMISSION', 'Cannot read /sys/class/tty', 'Mount it.')
  const fails = Promise.withResolvers<never>()
  async function* ports(): AsyncGenerator<SerialPortFacts[], void, void> {
    yield []
    await fails.promise
  }
  const discoveries = new Discoveries({
    ...{ host: fakeHost(), ports, devices: () => [], deviceAt: () => undefined, ignored: NOTHING_IGNORED },
  })
  const seen = discoveries.follow(new AbortController().signal)
  expect((await seen.next()).value).toMatchObject({ boards: [] })
  const next = seen.next()
  fails.reject(gone)
  await expect(next).rejects.toBe(gone)
})
