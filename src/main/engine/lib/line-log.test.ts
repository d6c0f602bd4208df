import { expect, test } from 'vitest'
import { fakeHost } from '../host.fake.ts'
import { readWhole } from './file-streams.ts'
import { LineLog } from './line-log.ts'

async function textOf(host: ReturnType<typeof fakeHost>, path: string): Promise<string> {
  return Buffer.from(await readWhole(host.files, path)).toString()
}

test('a log has the time at which each line began, and goes on where it was', async () => {
  const host = fakeHost()
  const [first, later] = [new Date(host.clock.now()).toISOString(), new Date(host.clock.now() + 5).toISOString()]
  {
    await using log = await LineLog.open('/console.log', host)
    log.add(Buffer.from('one\r\ntw'))
    host.clock.advance(5)
    log.add(Buffer.from('o\r\nthree\n'))
  }
  await using log = await LineLog.open('/console.log', host)
  log.add(Buffer.from('four\n'))
  await log.flushed()
  expect(await textOf(host, '/console.log')).toBe(`${first} one\n${first} two\n${later} three\n${later} four\n`)
})

test('a full log makes room for a new one, and only so many older ones are kept', async () => {
  const host = fakeHost()
  await using log = await LineLog.open('/console.log', host, { maxBytes: 64, kept: 2 })
  for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) log.add(Buffer.from(`${word}\n`))
  await log.flushed()
  const words = async (path: string) => (await textOf(host, path)).match(/[a-z]+(?=\n)/g)
  expect(await words('/console.log')).toEqual(['seven'])
  expect(await words('/console.log.1')).toEqual(['five', 'six'])
  expect(await words('/console.log.2')).toEqual(['three', 'four'])
  expect(await host.files.stat('/console.log.3')).toBe(null)
})
