import { cardLayout } from '@contract/card-layout.ts'
import { describe, expect, it } from 'vitest'
import { composeCommand, EMPTY_DRAFT, isPrepared, layoutOf, missingField } from './compose-draft.ts'

const filled = { ...EMPTY_DRAFT, name: 'my board', bootPath: '/b', rootPath: '/r.tar', output: "/out/it's.img" }

describe('the form over a layout', () => {
  it('makes a layout that the schema takes, whatever is chosen', () => {
    for (const bootSource of ['folder', 'image', 'from'] as const)
      for (const rootSource of ['image', 'tar', 'folder'] as const)
        for (const loader of ['none', 'uboot', 'grub'] as const) {
          const layout = cardLayout.parse(layoutOf({ ...filled, bootSource, rootSource, loader, isSlotBEmpty: true, deviceType: 'pi' }))
          expect(layout).toMatchObject({ boot: { [bootSource]: '/b' }, rootfs: { [rootSource]: '/r.tar', slotB: 'empty' } })
          expect([layout.loader.uboot !== undefined, layout.loader.grub === true]).toEqual([loader === 'uboot', loader === 'grub'])
        }
  })

  it('leaves to the root file system whether slots are prepared, unless it is said', () => {
    const said = (more: Partial<typeof filled>) => [isPrepared({ ...filled, ...more }), layoutOf({ ...filled, ...more }).rootfs.prepare]
    expect(said({ rootSource: 'tar' })).toEqual([true, undefined])
    expect(said({ rootSource: 'image' })).toEqual([false, undefined])
    expect(said({ rootSource: 'image', prepare: true })).toEqual([true, true])
    expect(said({ rootSource: 'folder', prepare: false })).toEqual([false, false])
  })

  it('leaves out what is empty', () => {
    const layout = layoutOf({ ...filled, slotSize: '', environmentCopyAt: ' ' })
    expect(layout).not.toHaveProperty('size')
    expect(layout.rootfs).toEqual({ tar: '/r.tar' })
    expect(layout.loader).toEqual({ uboot: { at: '1 MiB', size: '128 KiB' } })
    expect(layout.seed).toEqual({})
  })

  it('says what is missing, and the command line that does the same', () => {
    expect(missingField(EMPTY_DRAFT)).toBe('a name')
    expect(missingField({ ...filled, bootPath: '' })).toBe('a boot partition')
    expect(missingField(filled)).toBeNull()
    expect(composeCommand(filled, null)).toBe(String.raw`otabench image compose 'my board.yaml' -o '/out/it'\''s.img' --bmap`)
    expect(composeCommand({ name: '', output: '/a.img' }, { path: '/l.yaml' })).toBe('otabench image compose /l.yaml -o /a.img --bmap')
  })
})
