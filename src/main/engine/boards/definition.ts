import { join } from 'node:path'
import { z } from 'zod'
import { type CardLayout, cardLayout } from '../../contract/card-layout.ts'
import { size } from '../../contract/sizes.ts'
import type { Files } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import { parseYaml } from '../lib/yaml-file.ts'

const absolute = z.string().regex(/^\/./, 'an absolute path')
const packageName = z.string().regex(/^[a-z\d][a-z\d+.-]+$/, "the name of a package of Debian's")
const moduleNames = z.array(z.string().regex(/^[\w-]+$/))

const boardFile = z.strictObject({
  version: z.literal(1),
  architecture: z.string().regex(/^[a-z\d]+$/),
  packages: z.array(packageName).min(1),
  /** It depends on the package of the newest kernel. */
  kernel: packageName,
  uboot: z.strictObject({ package: packageName, file: absolute }),
  rootfs: z.strictObject({
    size,
    /** Of the packages; `*` at the end of a path stands for all that begin so. */
    leaveOut: z.array(absolute),
    /** Files of the packages under another name as well. */
    copies: z.record(absolute, absolute),
    folders: z.array(absolute),
    links: z.record(absolute, z.string().min(1)),
    /** Of busybox, with spaces between. */
    applets: z.string(),
  }),
  modules: z.strictObject({
    /** In the initramfs. */
    early: moduleNames,
    late: moduleNames,
  }),
  /** What U-Boot does to start a slot, a command a line. */
  boot: z.string(),
})

/** A small file of the definition. */
export interface OwnFile {
  /** On the board. */
  path: string
  content: Uint8Array
}

/** What a board is made of besides its packages: the files of `resources/boards/NAME`. */
export interface Definition {
  board: z.infer<typeof boardFile>
  /** The card, with names that stand for what the build makes. */
  card: CardLayout
  /** The time of everything that is new. */
  madeAt: number
  rootfs: readonly OwnFile[]
  initramfs: readonly OwnFile[]
}

const KIND = { what: 'board', hint: 'It is a part of OTA Bench: install it anew.' }

export async function readDefinition(files: Files, folder: string): Promise<Definition> {
  const parsed = async <S extends z.ZodType>(name: string, schema: S): Promise<z.output<S>> =>
    parseYaml(new TextDecoder().decode(await readWhole(files, join(folder, name))), name, { schema, ...KIND })
  const card = await parsed('card.yaml', cardLayout)
  return {
    board: await parsed('board.yaml', boardFile),
    card,
    madeAt: Date.parse(card.time ?? '1980-01-01T00:00:00Z'),
    rootfs: await ownFiles(files, join(folder, 'rootfs')),
    initramfs: await ownFiles(files, join(folder, 'initramfs')),
  }
}

async function ownFiles(files: Files, folder: string, path = ''): Promise<OwnFile[]> {
  const found: OwnFile[] = []
  for (const name of await files.list(join(folder, path))) {
    const below = `${path}/${name}`
    const stat = await files.stat(join(folder, below))
    if (stat?.kind === 'folder') found.push(...(await ownFiles(files, folder, below)))
    else found.push({ path: below, content: await readWhole(files, join(folder, below)) })
  }
  return found
}
