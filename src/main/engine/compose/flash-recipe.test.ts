import { mkdtemp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Recipe } from '../../contract/recipes.ts'
import { nodeHost } from '../host.node.ts'
import { readRecipe, writeRecipe } from './flash-recipe.ts'
import { layoutWithPaths } from './layout-paths.ts'

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

  it('is written as it was read, and goes with what lies beside it where the folder goes', async () => {
    const seed = 'seed: {artifactName: release-2, ca: ca.pem, files: [{to: /data/b, from: b}]}\n'
    for (const text of [
      'version: 1\nname: plain\nimage: /elsewhere/card.img.xz\ndifferential: true\n',
      'version: 1\nname: board\nimage: card.img\nlayout: layouts/board.yaml\nverify: false\n',
      `version: 1\nname: board\nimage: ..card.img\nlayout: layouts/board.yaml\n${seed}`,
      `version: 1\nname: board\nimage: card.img\nlayout:\n${LAYOUT.replace(/^/gm, '  ')}`,
    ]) {
      const recipe = await read(text)
      await writeRecipe(nodeHost().files, recipe, join(folder, 'written.yaml'))
      const moved = `${folder}-moved`
      await rename(folder, moved)
      const again = await readRecipe(nodeHost().files, join(moved, 'written.yaml')).finally(() => rename(moved, folder))
      expect(JSON.parse(JSON.stringify(again).replaceAll(moved, folder))).toEqual(sameLayout(recipe))
    }
  })

  it('is written with the layout of a form, and with whole paths of what lies elsewhere', async () => {
    const layout = {
      text: JSON.stringify({
        ...{ version: 1, name: 'form', table: 'mbr', boot: { folder: join(folder, 'boot'), size: '16 MiB' } },
        ...{ rootfs: { tar: '/srv/root.tar' }, data: { size: 1024 }, loader: { raw: [{ file: join(folder, 'u-boot'), at: 512 }] } },
      }),
      folder: '/',
    }
    const path = join(folder, 'form.yaml')
    await writeRecipe(nodeHost().files, { name: 'form', image: join(folder, 'card.img'), layout, verify: true, differential: false }, path)
    const text = await readFile(path, 'utf8')
    expect(text).toMatch(/^version: 1\nname: form\nimage: card.img\nlayout:\n {2}version: 1\n/)
    expect(text).toMatch(/ folder: boot\n/)
    expect(text).toMatch(/ file: u-boot\n/)
    expect(text).toMatch(/ tar: \/srv\/root.tar\n/)
    expect(text).not.toContain(folder)
  })

  it.each([
    ['version: 1\nname: board\n', /recipe\.yaml:1:1: image: /],
    ['version: 1\nname: board\nimage: a\nimgae: b\n', /recipe\.yaml:4:1: .*imgae/],
    ['version: 1\nname: board\nimage: a\nseed: {deviceType: b}\n', /recipe\.yaml:4:1: seed: a seed goes into what is composed/],
  ])('%j is refused with its place', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(message) })
  })
})

/** A layout that stands in the recipe starts at the recipe's folder when it is written. */
function sameLayout(recipe: Recipe): unknown {
  const { layout } = recipe
  if (layout === null || !('layout' in layout)) return recipe
  const rooted = layoutWithPaths(layout.layout, (path) => relative(folder, resolve(layout.folder, path)))
  return JSON.parse(JSON.stringify({ ...recipe, layout: { folder, layout: rooted } }))
}
