import { z } from 'zod'
import { seed } from './seed.ts'
import { path, size } from './sizes.ts'

/** How a card with one root file system becomes one with two. What is left out is taken from the card. */
export const convertOptions = z.strictObject({
  /** With one root file system, and a boot partition unless the root file system holds everything. */
  image: path,
  /** From which identifiers are derived; left out, the name of the file. */
  name: z.string().min(1).max(100).optional(),
  /** Of the new card; left out, that of the image, and GPT for a bare root file system. */
  table: z.enum(['gpt', 'mbr']).optional(),
  size: size.optional(),
  /** At least as large as they are. */
  bootSize: size.optional(),
  slotSize: size.optional(),
  dataSize: z.union([size, z.literal('fill')]).default('128 MiB'),
  slotB: z.enum(['same', 'empty']).default('same'),
  grow: z.boolean().default(true),
  /** Where on the card U-Boot's script keeps Mender's variables; left out, right behind the boot loaders. */
  environmentAt: size.optional(),
  /** Its deviceType and storage are needed where the card does not tell them. */
  seed: seed.prefault({}),
})
export type ConvertOptions = z.infer<typeof convertOptions>
