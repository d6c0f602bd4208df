import { t } from '@lingui/core/macro'
import { type ConvertOptions, convertOptions } from '@contract/convert.ts'
import { seed } from '@contract/seed.ts'
import { given, quoted } from './compose-draft.ts'

/** What is said of a conversion, as it is typed; empty texts are taken from the card. */
export interface ConvertDraft {
  deviceType: string
  storage: string
  serverUrl: string
  slotSize: string
  dataSize: string
  isSlotBEmpty: boolean
  output: string
}

export const EMPTY_CONVERSION: ConvertDraft = {
  ...{ deviceType: '', storage: '', serverUrl: '', slotSize: '', dataSize: '128 MiB', isSlotBEmpty: false, output: '' },
}

/** As the engine takes them; what it cannot take it refuses with the field's name. */
export function optionsOf(image: string, draft: ConvertDraft): ConvertOptions {
  const { deviceType, storage, serverUrl, slotSize, dataSize, isSlotBEmpty } = draft
  const about = given({ deviceType, storage, serverUrl })
  const known = seed.safeParse(about)
  const { grow } = convertOptions.parse({ image })
  return {
    ...{ image, ...given({ slotSize }), dataSize, slotB: isSlotBEmpty ? 'empty' : 'same', grow },
    seed: known.success ? known.data : { files: [], ...about },
  }
}

/** The command line that does the same. */
export function convertCommand({ image, slotSize, dataSize, slotB, seed: about }: ConvertOptions, output: string): string {
  const flags: readonly (readonly [string, string | undefined])[] = [
    ['--device-type', about.deviceType],
    ['--storage', about.storage],
    ['--server-url', about.serverUrl],
    ['--slot-size', slotSize === undefined ? undefined : String(slotSize)],
    ['--data-size', dataSize === '128 MiB' ? undefined : String(dataSize)],
    ['--slot-b', slotB === 'same' ? undefined : slotB],
  ]
  const words = flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, quoted(value)]))
  return ['otabench image convert', quoted(image), '-o', quoted(output || 'card-ab.img'), ...words, '--bmap'].join(' ')
}

/** What is still missing before it can be converted, as a sentence; null when nothing is. */
export function missingForConversion({ output }: ConvertDraft, { failure }: { failure: object | null }): string | null {
  if (failure !== null) return t`See why above.`
  return output === '' ? t`Say where the new image goes.` : null
}

/** What the new image is called beside the old one. */
export function convertedName(imageName: string): string {
  return `${imageName.replace(/\.(gz|xz|zst|bz2|zip)$/i, '').replace(/\.[^.]*$/, '')}-ab.img`
}
