import { t } from '@lingui/core/macro'
import type { StationSetup, StationView } from '@contract/station.ts'
import { sizeBytes } from '@contract/sizes.ts'

/** The setup as its form holds it: texts. */
export interface SetupDraft {
  recipe: string
  image: string
  slots: string[]
  operator: string
  /** `` for one that is scanned. */
  order: string
  minSize: string
  maxSize: string
  brand: string
  server: 'none' | 'bench' | 'url'
  url: string
  token: string
  label: 'none' | 'zpl' | 'pdf'
  labelFolder: string
  /** HOST or HOST:PORT. */
  labelPrinter: string
}

/** As it was set up last; `image` is taken instead of the one it had then. */
export function draftOf({ setup }: Pick<StationView, 'setup'>, image: string | null): SetupDraft {
  const empty = { recipe: '', image: '', slots: [], operator: '', order: '', minSize: '', maxSize: '', brand: '' }
  const without = { url: '', token: '', label: 'none' as const, labelFolder: '', labelPrinter: '' }
  if (setup === null) return { ...empty, ...without, image: image ?? '', server: 'bench' }
  const { recipe, card, server, label } = setup
  return {
    ...{
      ...empty,
      ...without,
      recipe,
      image: image ?? setup.image,
      minSize: sizeText(card.minBytes),
      maxSize: sizeText(card.maxBytes ?? 0),
      brand: card.brand,
    },
    ...(server === null ? { server: 'none' } : server === 'bench' ? { server } : { server: 'url', url: server.url, token: server.token }),
    ...(label !== null && { label: label.format, labelFolder: label.folder ?? '', labelPrinter: printerText(label.printer) }),
  }
}

function printerText(printer: NonNullable<StationSetup['label']>['printer']): string {
  return printer !== null && 'host' in printer ? `${printer.host}:${printer.port}` : ''
}

function sizeText(bytes: number): string {
  return bytes === 0 ? '' : String(bytes)
}

/** The setup, or what is missing of it. */
export function setupOf(draft: SetupDraft, last: StationSetup | null): { setup: StationSetup } | { missing: string } {
  const missing = missingOf(draft)
  if (missing !== null) return { missing }
  const label = labelOf(draft, last)
  if (typeof label === 'string') return { missing: label }
  const { recipe, image, minSize, maxSize, brand } = draft
  const card = { minBytes: bytesOf(minSize) ?? 0, maxBytes: bytesOf(maxSize), brand: brand.trim() }
  return { setup: { recipe, image, label, card, server: serverOf(draft), whenFailed: last?.whenFailed ?? 'give-again' } }
}

/** What is asked for first. */
function missingOf({ recipe, image, slots, operator, minSize, maxSize, server, url, token }: SetupDraft): string | null {
  const checks: readonly (readonly [boolean, string])[] = [
    [recipe === '', t`Choose a recipe.`],
    [image === '', t`Choose an image.`],
    [slots.length === 0, t`Choose a reader slot at least.`],
    [operator.trim() === '', t`Say who is at work.`],
    [[minSize, maxSize].some((text) => Number.isNaN(bytesOf(text))), t`Write sizes as 8GB or 512 MiB.`],
    [server === 'url' && (url === '' || token === ''), t`Say the server, and where its token is.`],
  ]
  return checks.find(([isMissing]) => isMissing)?.[1] ?? null
}

/** null where none is said, NaN for what is none. */
function bytesOf(text: string): number | null {
  return text.trim() === '' ? null : sizeBytes(text)
}

function serverOf({ server, url, token }: SetupDraft): StationSetup['server'] {
  if (server === 'none') return null
  return server === 'bench' ? 'bench' : { url, token }
}

function labelOf({ label, labelFolder, labelPrinter }: SetupDraft, last: StationSetup | null): StationSetup['label'] | string {
  if (label === 'none') return null
  const named = labelPrinter.trim()
  const match = /^([^\s:/]+)(?::(\d{1,5}))?$/.exec(named)
  if (named !== '' && !match) return t`Write the label printer as HOST or HOST:PORT.`
  const printer = match ? { host: match[1] ?? '', port: Number(match[2] ?? 9100) } : commandOf(last)
  if (labelFolder === '' && printer === null) return t`Say where the labels go.`
  return { format: label, folder: labelFolder === '' ? null : labelFolder, printer }
}

/** A program that prints is set on the command line; it stays. */
function commandOf(last: StationSetup | null): { command: string[] } | null {
  const kept = last?.label?.printer ?? null
  return kept !== null && 'command' in kept ? kept : null
}
