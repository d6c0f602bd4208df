import { z } from 'zod'
import { cardLayout } from './card-layout.ts'
import { convertOptions } from './convert.ts'
import { cardRole } from './images.ts'
import { ask, id, instant, localAsk, localCall } from './operations.ts'
import { seed } from './seed.ts'
import { path } from './sizes.ts'

/** A layout file, or what would stand in one; relative paths then start at `folder`. */
export const layoutSource = z.union([
  z.object({ path }),
  z.object({ text: z.string().max(1 << 20), folder: path }),
  z.object({ layout: cardLayout, folder: path }),
])
export type LayoutSource = z.infer<typeof layoutSource>

/** What a card will be, before anything is written. */
export const cardPlan = z.object({
  sizeBytes: z.number(),
  table: z.enum(['gpt', 'mbr']),
  diskId: z.string(),
  /** The time of everything that is new. */
  madeAt: instant,
  partitions: z.array(
    z.object({
      number: z.number().int(),
      role: cardRole,
      startBytes: z.number(),
      sizeBytes: z.number(),
      label: z.string(),
      partuuid: z.string(),
      /** In words: `rootfs.ext4`, `empty`. */
      content: z.string(),
    }),
  ),
  /** Bytes outside of partitions: the environment, boot loaders. */
  areas: z.array(z.object({ what: z.string(), startBytes: z.number(), sizeBytes: z.number() })),
  warnings: z.array(z.string()),
})
export type CardPlan = z.infer<typeof cardPlan>

/** What becomes of a card with one root file system, by what its slots boot, and for what it then is. */
export const conversion = z.object({ boot: z.enum(['extlinux', 'script', 'grub']), deviceType: z.string(), plan: cardPlan })
export type ConversionPlan = z.infer<typeof conversion>

/** Relative paths of the seed start at `folder`. */
const convertInput = z.object({ options: convertOptions, folder: path })

/** A job of its own; its history says how it ended. */
const started = z.object({ jobId: id })

export const compose = {
  /** BAD_INPUT with line and column for a layout that cannot be; NOT_FOUND for a file that it names. */
  plan: localAsk(z.object({ layout: layoutSource }), cardPlan),
  /** The text of a layout file that says this. */
  text: ask(z.object({ layout: cardLayout }), z.string()),
  /** Writes the card image, and with `hasBmap` its block map beside it, as `OUTPUT.bmap`. */
  write: localCall(z.object({ layout: layoutSource, output: path, hasBmap: z.boolean() }), started),
  /** Puts files into the partitions of a card image, where it lies. Relative paths of the seed start at `folder`. */
  seed: localCall(z.object({ image: path, seed, folder: path }), started),
  /** BAD_INPUT, saying why, for a card that cannot be converted. */
  convertPlan: localAsk(convertInput, conversion),
  /** Writes a card with two slots out of one with one, which stays as it is. */
  convert: localCall(convertInput.extend({ output: path, hasBmap: z.boolean() }), started),
}
