import { expect, it } from 'vitest'
import { MemoryFileSystem } from './memory-file-system.cases.ts'
import { editing } from './test-images.cases.ts'

const file = (text: string) => ({
  sizeBytes: text.length,
  content: (async function* () {
    yield Buffer.from(text)
  })(),
  modifiedAt: 5,
})

it('is a file system that needs no image: links lead on, a replaced file keeps its mode', async () => {
  const model = new MemoryFileSystem(10)
  await model.makeFolder('/etc/mender', { modifiedAt: 1, hasParents: true })
  await model.makeLink('/conf', { target: 'etc/../etc/mender', modifiedAt: 2 })
  await model.writeFile('/conf/a', { ...file('12345'), mode: 0o600 })
  await model.writeFile('/etc/mender/a', file('1234567890'))
  expect(await model.stat('/conf/a')).toEqual({ kind: 'file', sizeBytes: 10, mode: 0o600, uid: 0, gid: 0, modifiedAt: 5 })
  await expect(model.writeFile('/b', file('x'))).rejects.toMatchObject({ code: 'DISK_FULL' })
  await expect(model.remove('/etc')).rejects.toMatchObject({ code: 'BAD_INPUT' })
  await model.rename('/etc/mender/a', '/a')
  await model.remove('/etc', { isRecursive: true })
  expect((await model.list('/')).map(({ name }) => name)).toEqual(['a', 'conf'])
  await expect(model.list('/conf')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

it('keeps an image in memory: what was written is read, and nothing is written past its end', async () => {
  const image = editing(new Uint8Array(8))
  await image.write(6, Uint8Array.of(1, 2))
  expect((await image.read(6, 100)).getUint16(0)).toBe(0x0102)
  await expect(image.write(7, Uint8Array.of(1, 2))).rejects.toThrow(RangeError)
})
