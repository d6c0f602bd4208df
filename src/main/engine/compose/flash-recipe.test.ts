import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeHost } from '../host.node.ts'
import { readRecipe } from './flash-recipe.ts'

const LAYOUT = `version: 1
name: board
table: gpt
boot: {folder: boot, size: 16 MiB}
rootfs: {image: rootfs.ext4}
data: {size: 16 MiB}
seed: {deviceType: board, files: [{to: /data/a, text: a}]}
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-recipe-'))
  await mkdir(join(folder, 'layouts'))
  await writeFile(join(folder, 'layouts/board.yaml'), LAYOUT)
})
afterAll(() => rm(folder, { recursive: true }))

async function read(text: string) {
  await writeFile(join(folder, 'recipe.yaml'), text)
  return readRecipe(nodeHost().files, join(folder, 'recipe.yaml'))
}

describe('a recipe file', () => {
  it('names an image, and how it is written', async () => {
    expect(await read('version: 1\nname: plain\nimage: ../card.img.xz\ndifferential: true\n')).toEqual({
      ...{ name: 'plain', image: join(folder, '../card.img.xz'), layout: null, verify: true, differential: true },
    })
  })

  it('names the layout that the image is composed of, which stays where it is', async () => {
    expect(await read('version: 1\nname: board\nimage: card.img\nlayout: layouts/board.yaml\n')).toMatchObject({
      image: join(folder, 'card.img'),
      layout: { path: join(folder, 'layouts/board.yaml') },
    })
  })

  it('has a seed of its own, over that of the layout, with paths that start at its own folder', async () => {
    const { layout } = await read(
      'version: 1\nname: board\nimage: card.img\nlayout: layouts/board.yaml\n' +
        'seed: {artifactName: release-2, ca: ca.pem, files: [{to: /data/b, from: b}]}\n',
    )
    expect(layout).toMatchObject({
      folder: join(folder, 'layouts'),
      layout: {
        name: 'board',
        seed: {
          ...{ deviceType: 'board', artifactName: 'release-2', ca: join(folder, 'ca.pem') },
          files: [
            { to: '/data/a', text: 'a' },
            { to: '/data/b', from: join(folder, 'b') },
          ],
        },
      },
    })
  })

  it('may hold its layout itself', async () => {
    const { layout } = await read(`version: 1\nname: board\nimage: card.img\nlayout:\n${LAYOUT.replace(/^/gm, '  ')}`)
    expect(layout).toMatchObject({ folder, layout: { name: 'board', seed: { deviceType: 'board' } } })
  })

  it.each([
    ['version: 1\nname: board\n', /recipe\.yaml:1:1: image: /],
    ['version: 1\nname: board\nimage: a\nimgae: b\n', /recipe\.yaml:4:1: .*imgae/],
    ['version: 1\nname: board\nimage: a\nseed: {deviceType: b}\n', /recipe\.yaml:4:1: seed: a seed goes into what is composed/],
  ])('%j is refused with its place', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(message) })
  })
})
