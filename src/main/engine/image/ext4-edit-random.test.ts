import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Arbitrary, array, asyncProperty, assert, constantFrom, integer, nat, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { blankImage, complaints, listing, newFile, reopened, withImage } from './ext4-edit.cases.ts'
import { editExt4 } from './ext4-edit.ts'
import type { EditableFileSystem } from './file-system.ts'
import { MemoryFileSystem } from './memory-file-system.cases.ts'
import { editing } from './test-images.cases.ts'

/** Something that is done to a file system, and answers how it ended. */
type Step = (files: EditableFileSystem) => Promise<void>

const long = 'a name as long as names may be '.padEnd(255, '.')
const name = constantFrom('a', 'b', 'ü', 'ß☕', 'lib', long)
const path = array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
const modifiedAt = constantFrom(0, -5000, 1_700_000_000_123, 5_000_000_000_000, 15_000_000_000_000)
const facts = { modifiedAt, mode: integer({ min: 0, max: 0o7777 }), uid: nat(100_000), gid: nat(100_000) }

/** Content with holes in it, at its beginning, between and at its end. */
const content = array(record({ length: nat(9000), isHole: constantFrom(true, false, false) }), { maxLength: 5 }).map((parts) =>
  Buffer.concat(parts.map(({ length, isHole }, index) => Buffer.alloc(length, isHole ? 0 : `content ${index}`))),
)

const steps: Arbitrary<[string, Step]>[] = [
  record({ path, content, ...facts }).map(({ path, content, ...facts }) => [
    `write ${path}, ${content.length} bytes`,
    (files) => files.writeFile(path, newFile(content, facts)),
  ]),
  record({ path, content, modifiedAt }).map(({ path, content, modifiedAt }) => [
    `write ${path}, ${content.length} bytes, whatever its mode`,
    (files) => files.writeFile(path, newFile(content, { modifiedAt })),
  ]),
  record({ path, count: integer({ min: 30, max: 90 }) }).map(({ path, count }) => [
    `write ${count} files in ${path}`,
    async (files) => {
      await files.makeFolder(path, { modifiedAt: 0, hasParents: true })
      for (let index = 0; index < count; index++) await files.writeFile(`${path}/${index} of many files with long names`, newFile(path))
    },
  ]),
  record({ path, hasParents: constantFrom(true, false), ...facts }).map(({ path, ...folder }) => [
    `make folder ${path}`,
    (files) => files.makeFolder(path, folder),
  ]),
  record({ path, target: constantFrom('a', '../b', '/lib', 'x'.repeat(59), 'x/'.repeat(30), 'x/'.repeat(200)) }).map(({ path, target }) => [
    `make link ${path}`,
    (files) => files.makeLink(path, { target, modifiedAt: 0 }),
  ]),
  record({ path, isRecursive: constantFrom(true, false) }).map(({ path, isRecursive }) => [
    `remove ${path}`,
    (files) => files.remove(path, { isRecursive }),
  ]),
  record({ path, to: path }).map(({ path, to }) => [`rename ${path} to ${to}`, (files) => files.rename(path, to)]),
  record({ path, ...facts }).map(({ path, ...facts }) => [`facts of ${path}`, (files) => files.setFacts(path, facts)]),
]

const anyStep = nat(steps.length - 1).chain((index) => steps[index] ?? path.map((): [string, Step] => ['nothing', async () => {}]))

/** The code of the error that a step ends with. */
async function outcome(step: Step, files: EditableFileSystem): Promise<string> {
  return step(files).then(
    () => 'done',
    (thrown: unknown) => {
      if (thrown instanceof AppError) return thrown.code
      throw thrown
    },
  )
}

/** The files of a folder of this machine, by kind, mode, owner and content. */
function listFolder(root: string, path = ''): Record<string, string> {
  const lines: Record<string, string> = {}
  for (const name of readdirSync(join(root, path))) {
    const here = `${path}/${name}`
    if (here === '/lost+found') continue
    const stat = lstatSync(join(root, here))
    const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'file'
    const what = kind === 'file' ? readFileSync(join(root, here), 'latin1') : kind === 'link' ? readlinkSync(join(root, here)) : ''
    lines[here] = `${kind} ${kind === 'link' ? '' : stat.uid} ${what}`
    if (kind === 'folder') Object.assign(lines, listFolder(root, here))
  }
  return lines
}

/** The files as debugfs takes them out of an image. */
function dumped(bytes: Uint8Array): Record<string, string> {
  return withImage(bytes, (image, folder) => {
    mkdirSync(join(folder, 'dump'))
    execFileSync('/usr/sbin/debugfs', ['-R', `rdump / ${join(folder, 'dump')}`, image], { stdio: 'ignore' })
    return listFolder(join(folder, 'dump'))
  })
}

function shortened(lines: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lines).map(([path, line]) => {
      const [, kind = '', uid = '', what = ''] = /^(\w+) \d+ (\d+):\d+ -?\d* (.*)$/s.exec(line) ?? []
      return [path, `${kind} ${kind === 'link' ? '' : uid} ${what}`]
    }),
  )
}

describe('any changes in any order', () => {
  it.each([
    ['ext4', ['-t', 'ext4', '-b', '1024', '-g', '1024', '-I', '256']],
    ['ext4 without a journal, 4 KiB blocks', ['-t', 'ext4', '-b', '4096', '-O', '^has_journal', '-I', '256']],
    ['ext4 with inline data', ['-t', 'ext4', '-b', '1024', '-I', '256', '-O', 'inline_data']],
    ['ext4 without an index', ['-t', 'ext4', '-b', '1024', '-I', '256', '-O', '^dir_index,^metadata_csum']],
    ['ext3', ['-t', 'ext3', '-b', '1024', '-I', '256']],
    ['ext2', ['-t', 'ext2', '-b', '1024', '-g', '1024', '-I', '256']],
  ])('leave %s sound after each, and as a plain tree would be', async (_name, options) => {
    const blank = blankImage('12M', ...options, '-N', '2000')
    await assert(
      asyncProperty(array(anyStep, { minLength: 1, maxLength: 16 }), async (script) => {
        const bytes = new Uint8Array(blank)
        const files = await editExt4(editing(bytes), { changedAt: 1_750_000_000_000 })
        const model = new MemoryFileSystem(2 ** 40)
        for (const [what, step] of script) {
          expect([what, await outcome(step, files)]).toEqual([what, await outcome(step, model)])
          await files.finish()
          expect([what, complaints(bytes)]).toEqual([what, ''])
        }
        const expected = await listing(model)
        expect(await listing(files)).toEqual(expected)
        expect(await listing(await reopened(bytes))).toEqual(expected)
        expect(dumped(bytes)).toEqual(shortened(expected))
      }),
      { numRuns: 6 },
    )
  })
})
