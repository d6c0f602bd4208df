import type { StationSetup } from '@contract/station.ts'
import { describe, expect, it } from 'vitest'
import { draftOf, setupOf } from './setup-draft.ts'

const setup: StationSetup = {
  ...{ recipe: '/r.yaml', image: '/i.img', card: { minBytes: 8_000_000_000, maxBytes: null, brand: 'SanDisk' }, server: 'bench' },
  ...{ label: { format: 'zpl', folder: null, printer: { host: 'labels', port: 9101 } }, whenFailed: 'void' },
}

describe('the form of a station', () => {
  it('comes back as it was saved', () => {
    const draft = { ...draftOf({ setup }, null), slots: ['a'], operator: 'Ada' }
    expect(setupOf(draft, setup)).toEqual({ setup })
    const remote: StationSetup = { ...setup, server: { url: 'https://m', token: 'env:T' }, label: null }
    expect(setupOf({ ...draftOf({ setup: remote }, null), slots: ['a'], operator: 'Ada' }, remote)).toEqual({ setup: remote })
  })

  it('takes over an image that was chosen, in place of the last one', () => {
    expect(draftOf({ setup }, '/chosen.img')).toEqual({ ...draftOf({ setup }, null), image: '/chosen.img' })
    expect(draftOf({ setup: null }, '/chosen.img').image).toBe('/chosen.img')
    expect(draftOf({ setup: null }, null).image).toBe('')
  })

  it('says what is missing', () => {
    const draft = { ...draftOf({ setup }, null), slots: ['a'], operator: 'Ada' }
    const missing = (more: Partial<typeof draft>) => setupOf({ ...draft, ...more }, null)
    expect(missing({ recipe: '' })).toEqual({ missing: 'Choose a recipe.' })
    expect(missing({ slots: [] })).toEqual({ missing: 'Choose a reader slot at least.' })
    expect(missing({ minSize: 'huge' })).toEqual({ missing: 'Write sizes as 8GB or 512 MiB.' })
    expect(missing({ labelPrinter: '' })).toEqual({ missing: 'Say where the labels go.' })
    expect(missing({ labelPrinter: 'a b' })).toEqual({ missing: 'Write the label printer as HOST or HOST:PORT.' })
    expect(missing({ server: 'url' })).toEqual({ missing: 'Say the server, and where its token is.' })
  })
})
