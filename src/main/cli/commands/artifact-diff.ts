import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { type DiffSide, diffArtifacts, isSame } from '../../engine/artifact/diff.ts'
import type { CliContext } from '../context.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { type ImageDiff, type ImagePlace, compareImages, imageSink } from './artifact-diff-images.ts'
import { type PayloadDiff, describeDiff } from './artifact-diff-text.ts'
import { absolute } from './artifact-files.ts'
import { openArtifact } from './artifact-open.ts'

interface DiffFlags {
  exitCode?: boolean
}

/** `otabench artifact diff A B`. */
export function diffCommand(context: CliContext): Command {
  return new Command('diff')
    .description('what differs between two artifacts: header, provides, depends, scripts, payload, and files inside ext2, 3 and 4 images')
    .argument('<a>', 'the one before')
    .argument('<b>', 'the one after')
    .option('--exit-code', 'exit 5 when they differ')
    .action((a: string, b: string, flags: DiffFlags) => diff([a, b], flags, context))
}

async function diff([pathA, pathB]: readonly [string, string], { exitCode }: DiffFlags, context: CliContext): Promise<void> {
  const { host, out } = context
  const folder = await mkdtemp(join(tmpdir(), 'otabench-diff-'))
  try {
    const a = await readSide(pathA, join(folder, 'a'), context)
    const b = await readSide(pathB, join(folder, 'b'), context)
    const found = diffArtifacts(a, b)
    const payload: PayloadDiff[] = []
    for (const change of found.payload) {
      const images = [a.images.get(change.a?.name ?? ''), b.images.get(change.b?.name ?? '')] as const
      payload.push({ ...change, contents: await contentsOf(images, context) })
    }
    const isEqual = isSame(found)
    const text = isEqual ? `${pathA} and ${pathB} have the same content` : describeDiff(found, payload)
    out.result({ a: pathA, b: pathB, isSame: isEqual, ...found, payload }, text)
    if (exitCode && !isEqual) throw new NegativeOutcome(EXIT_NEGATIVE)
  } finally {
    await host.files.remove(folder)
  }
}

type Side = DiffSide & { images: Map<string, ImagePlace> }

/** One pass over an artifact: everything is checked, scripts are kept, ext images are made readable at any place. */
async function readSide(path: string, folder: string, context: CliContext): Promise<Side> {
  const { host, cwd } = context
  const scripts = new Map<string, Uint8Array>()
  const images = new Map<string, ImagePlace>()
  await host.files.makeFolder(folder)
  const content = await openArtifact(
    path,
    {
      unit: `of ${path} read`,
      onScript: async (name, script) => {
        await Promise.resolve(scripts.set(name, script))
      },
      onPayloadFile: imageSink({
        files: host.files,
        artifactPath: absolute(cwd, path),
        folder,
        onImage: (name, place) => images.set(name, place),
      }),
    },
    context,
  )
  return { content, scripts, images }
}

/** null where not both are ext images. */
async function contentsOf(
  [a, b]: readonly [ImagePlace | undefined, ImagePlace | undefined],
  context: CliContext,
): Promise<ImageDiff | null> {
  if (a && b) return compareImages(a, b, context)
  return null
}
