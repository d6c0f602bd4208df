import { t } from '@lingui/core/macro'
import type { CardLayoutInput } from '@contract/card-layout.ts'
import type { LayoutSource } from '@contract/compose.ts'

export type BootSource = 'folder' | 'image' | 'from'
export type RootSource = 'image' | 'tar' | 'folder'
export type Loader = 'none' | 'uboot' | 'grub'

/** The form over a layout, as it is typed. Empty texts are left out. */
export interface ComposeDraft {
  name: string
  table: 'gpt' | 'mbr'
  cardSize: string
  bootSource: BootSource
  bootPath: string
  bootSize: string
  rootSource: RootSource
  rootPath: string
  slotSize: string
  isSlotBEmpty: boolean
  /** Whether the slots get what Mender needs and they lack; null: as it is for such a root file system. */
  prepare: boolean | null
  dataSize: string
  isGrowing: boolean
  loader: Loader
  environmentAt: string
  environmentSize: string
  environmentCopyAt: string
  deviceType: string
  artifactName: string
  serverUrl: string
  ca: string
  menderConf: string
  deviceKey: string
  output: string
}

/** The fields that take a text. */
export type TextField = { [F in keyof ComposeDraft]: string extends ComposeDraft[F] ? F : never }[keyof ComposeDraft]

export const EMPTY_DRAFT: ComposeDraft = {
  ...{ name: '', table: 'gpt', cardSize: '' },
  ...{ bootSource: 'folder', bootPath: '', bootSize: '64 MiB' },
  ...{ rootSource: 'tar', rootPath: '', slotSize: '1 GiB', isSlotBEmpty: false, prepare: null },
  ...{ dataSize: '128 MiB', isGrowing: true },
  ...{ loader: 'uboot', environmentAt: '1 MiB', environmentSize: '128 KiB', environmentCopyAt: '2 MiB' },
  ...{ deviceType: '', artifactName: '', serverUrl: '', ca: '', menderConf: '', deviceKey: '', output: '' },
}

/** What a layout file would say. */
export function layoutOf(draft: ComposeDraft): CardLayoutInput {
  const { bootSource, bootPath, rootSource, rootPath, loader } = draft
  const uboot = { at: draft.environmentAt, size: draft.environmentSize, ...given({ redundantAt: draft.environmentCopyAt }) }
  return {
    version: 1,
    name: draft.name,
    table: draft.table,
    ...given({ size: draft.cardSize }),
    boot: { [bootSource]: bootPath, ...given({ size: draft.bootSize }) },
    rootfs: {
      [rootSource]: rootPath,
      ...given({ size: draft.slotSize }),
      ...(draft.isSlotBEmpty && { slotB: 'empty' as const }),
      ...(draft.prepare !== null && { prepare: draft.prepare }),
    },
    data: { size: draft.dataSize, ...(draft.isGrowing && { grow: true }) },
    ...(loader !== 'none' && { loader: loader === 'grub' ? { grub: true } : { uboot } }),
    seed: given({
      ...{ deviceType: draft.deviceType, artifactName: draft.artifactName, serverUrl: draft.serverUrl },
      ...{ ca: draft.ca, menderConf: draft.menderConf, deviceKey: draft.deviceKey },
    }),
  }
}

/** Whether the slots get what Mender needs: an image stays as it is unless it is said. */
export function isPrepared({ prepare, rootSource }: Pick<ComposeDraft, 'prepare' | 'rootSource'>): boolean {
  return prepare ?? rootSource !== 'image'
}

/** The texts that are not empty. */
export function given<T extends Record<string, string>>(texts: T): Partial<T> {
  const filled: Partial<T> = { ...texts }
  for (const key in texts) if (texts[key]?.trim() === '') delete filled[key]
  return filled
}

/** What is still to be filled in before it can be planned; null when all is there. */
export function missingField({ name, bootPath, rootPath }: ComposeDraft): string | null {
  if (name === '') return t`a name`
  if (rootPath === '') return t`a root file system`
  return bootPath === '' ? t`a boot partition` : null
}

/** The command line that does the same with the layout saved as a file. */
export function composeCommand({ name, output }: Pick<ComposeDraft, 'name' | 'output'>, layout: LayoutSource | null): string {
  const file = layout !== null && 'path' in layout ? layout.path : `${name || 'card'}.yaml`
  return `otabench image compose ${quoted(file)} -o ${quoted(output || `${name || 'card'}.img`)} --bmap`
}

/** A word as a shell reads it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
