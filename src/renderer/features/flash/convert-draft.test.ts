import { convertOptions } from '@contract/convert.ts'
import { describe, expect, it } from 'vitest'
import { EMPTY_CONVERSION, convertCommand, convertedName, missingForConversion, optionsOf } from './convert-draft.ts'

describe('the form of a conversion', () => {
  it('leaves to the card what is empty, and makes what the schema takes', () => {
    const options = optionsOf('/single.img', EMPTY_CONVERSION)
    expect(convertOptions.parse(options)).toEqual(options)
    expect(options).toEqual({ image: '/single.img', dataSize: '128 MiB', slotB: 'same', grow: true, seed: { files: [] } })
  })

  it('hands on what the engine will refuse, so that it says why', () => {
    const options = optionsOf('/single.img', { ...EMPTY_CONVERSION, storage: 'mmcblk0' })
    expect(convertOptions.safeParse(options).error?.issues).toMatchObject([{ path: ['seed', 'storage'] }])
  })

  it('shows the command line that does the same', () => {
    const draft = { ...EMPTY_CONVERSION, deviceType: 'pi 4', dataSize: 'fill', isSlotBEmpty: true }
    expect(convertCommand(optionsOf('/single.img', draft), '/ab.img')).toBe(
      "otabench image convert /single.img -o /ab.img --device-type 'pi 4' --data-size fill --slot-b empty --bmap",
    )
  })

  it('says what is missing before it can be converted', () => {
    const named = { ...EMPTY_CONVERSION, output: '/ab.img' }
    expect(missingForConversion(EMPTY_CONVERSION, { failure: null })).toBe('Say where the new image goes.')
    expect(missingForConversion(named, { failure: {} })).toBe('See why above.')
    expect(missingForConversion(named, { failure: null })).toBeNull()
    expect(convertedName('vendor.2.img')).toBe('vendor.2-ab.img')
    expect(convertedName('vendor.2.img.xz')).toBe('vendor.2-ab.img')
  })
})
