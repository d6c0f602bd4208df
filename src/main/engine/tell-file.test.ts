import { describe, expect, it } from 'vitest'
import { type FakeHost, fakeHost } from './host.fake.ts'
import { tellFile } from './tell-file.ts'

async function told(name: string, text: string) {
  const { files }: FakeHost = fakeHost()
  await using file = await files.open(`/${name}`, 'create')
  await file.write(Buffer.from(text), 0)
  return await tellFile(files, `/${name}`)
}
const kinds = async (name: string, text: string): Promise<string> => (await told(name, text)).kinds.join(' ')

describe('a file that is opened', () => {
  it('is told by its name where that says it', async () => {
    expect([await kinds('a.mender', ''), await kinds('a.sdimg.xz', ''), await kinds('notes.txt', '')]).toEqual(['artifact', 'image', ''])
    expect((await told('notes.txt', '')).why).toMatch(/^notes\.txt: The bench opens artifacts/)
    await expect(tellFile(fakeHost().files, '/gone.csv')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is a work order or a list of devices by the columns of its first line; with both, a person has to say', async () => {
    expect(await kinds('a.csv', 'serial,mac\nA1,02')).toBe('work-order')
    expect(await kinds('a.csv', '\uFEFFSerial Number;mac\r\n')).toBe('work-order')
    expect(await kinds('a.tsv', 'mac\tpublic_key_file\n')).toBe('preauthorization')
    expect(await kinds('a.csv', 'serial,public_key\n')).toBe('preauthorization work-order')
    expect(await told('a.csv', 'mac,room\n')).toEqual({ kinds: [], why: expect.stringContaining('neither a column serial') })
    expect(await told('a.csv', '')).toEqual({ kinds: [], why: expect.stringContaining('neither') })
  })

  it('is a recipe or a layout by what it says something for, also where that is wrong', async () => {
    expect(await kinds('a.yaml', 'version: 1\nidentity: {mac: {interface: auto}}\n')).toBe('recipe')
    expect(await kinds('a.yml', 'version: 1\nname: card\ntable: gpt\nrootfs: {image: 7}\n')).toBe('layout')
    expect(await kinds('a.yaml', 'version: 1\nname: a\nimage: a.img\n')).toBe('flash-recipe')
    expect(await kinds('a.yaml', 'version: 1\n')).toBe('recipe layout flash-recipe')
    expect((await told('compose.yml', 'version: "3"\nservices: {}\n')).why).toContain('does not begin with version: 1')
    expect((await told('a.yaml', 'version: 1\nplay: 2\n')).why).toContain('says nothing that a recipe')
    expect((await told('a.yaml', '{')).why).toContain('a.yaml')
  })
})
