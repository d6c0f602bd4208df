import { Checkbox, Select, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ComposeDraft, TextField } from './compose-draft.ts'
import styles from './compose.module.css'
import { PathInput } from '../../app/path-input.tsx'

interface FieldsProps {
  draft: ComposeDraft
  onChange: (draft: ComposeDraft) => void
}

/** The parts of a card, one after the other as they lie on it. */
export function ComposeFields({ draft, onChange }: FieldsProps) {
  const set = (changes: Partial<ComposeDraft>): void => onChange({ ...draft, ...changes })
  const parts = { draft, set }
  return (
    <>
      <Part title="Card">
        <Text {...parts} field="name" label="Name" placeholder="my-board" />
        <Choice label="Table" value={draft.table} options={TABLES} onChange={(table) => set({ table })} />
        <Text {...parts} field="cardSize" label="Size" placeholder="as needed" />
      </Part>
      <RootFields {...parts} />
      <BootFields {...parts} />
      <Part title="Data">
        <Text {...parts} field="dataSize" label="Size" placeholder="128 MiB, or fill" />
        <Checkbox
          label="Grows at the first start"
          checked={draft.isGrowing}
          onChange={(event) => set({ isGrowing: event.currentTarget.checked })}
        />
      </Part>
      <details className={styles.more}>
        <summary>Seed: what makes it one device's own</summary>
        <Part title="">
          <Text {...parts} field="deviceType" label="Device type" placeholder="my-board" />
          <Text {...parts} field="artifactName" label="Artifact name" placeholder="release-1" />
          <Text {...parts} field="serverUrl" label="Server" placeholder="https://192.168.1.10:8443" />
          <PathInput label="Certificate authority" value={draft.ca} onChange={(ca) => set({ ca })} />
          <PathInput label="mender.conf" value={draft.menderConf} onChange={(menderConf) => set({ menderConf })} />
          <PathInput label="Device key" value={draft.deviceKey} onChange={(deviceKey) => set({ deviceKey })} />
        </Part>
      </details>
    </>
  )
}

interface PartProps {
  draft: ComposeDraft
  set: (changes: Partial<ComposeDraft>) => void
}

const TABLES = [
  ['gpt', 'GPT'],
  ['mbr', 'MBR'],
] as const
const ROOT_SOURCES = [
  ['tar', 'a tar'],
  ['image', 'an ext4 image'],
  ['folder', 'a folder'],
] as const
const BOOT_SOURCES = [
  ['folder', 'a folder'],
  ['image', 'a FAT or ext image'],
  ['from', 'another card image'],
] as const
const LOADERS = [
  ['uboot', 'U-Boot'],
  ['grub', 'GRUB'],
  ['none', 'leave it alone'],
] as const

function RootFields({ draft, set }: PartProps) {
  return (
    <Part title="Root file system, twice">
      <Choice label="From" value={draft.rootSource} options={ROOT_SOURCES} onChange={(rootSource) => set({ rootSource })} />
      <Text draft={draft} set={set} field="slotSize" label="Size of each slot" placeholder="as large as the image" />
      <Checkbox
        label="Leave slot B empty"
        checked={draft.isSlotBEmpty}
        onChange={(event) => set({ isSlotBEmpty: event.currentTarget.checked })}
      />
      <PathInput
        label="Root file system"
        value={draft.rootPath}
        isFolder={draft.rootSource === 'folder'}
        placeholder={ROOT_HINTS[draft.rootSource]}
        onChange={(rootPath) => set({ rootPath })}
      />
    </Part>
  )
}

function BootFields({ draft, set }: PartProps) {
  return (
    <Part title="Boot">
      <Choice label="From" value={draft.bootSource} options={BOOT_SOURCES} onChange={(bootSource) => set({ bootSource })} />
      <Text draft={draft} set={set} field="bootSize" label="Size" placeholder="as large as the image" />
      <Choice label="Boot loader" value={draft.loader} options={LOADERS} onChange={(loader) => set({ loader })} />
      <PathInput
        label="Boot partition"
        value={draft.bootPath}
        isFolder={draft.bootSource === 'folder'}
        placeholder={BOOT_HINTS[draft.bootSource]}
        onChange={(bootPath) => set({ bootPath })}
      />
      {draft.loader === 'uboot' && (
        <>
          <Text draft={draft} set={set} field="environmentAt" label="Environment at" />
          <Text draft={draft} set={set} field="environmentSize" label="Its size" />
          <Text draft={draft} set={set} field="environmentCopyAt" label="Second copy at" placeholder="none" />
        </>
      )}
    </Part>
  )
}

interface TextProps extends PartProps {
  field: TextField
  label: string
  placeholder?: string
}

function Text({ draft, set, field, label, placeholder }: TextProps) {
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={draft[field]}
      onChange={(event) => set({ [field]: event.currentTarget.value })}
    />
  )
}

const ROOT_HINTS = { tar: 'rootfs.tar.zst', image: 'rootfs.ext4', folder: 'A folder' } as const
const BOOT_HINTS = { folder: 'A folder', image: 'boot.vfat', from: 'vendor.img' } as const

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={styles.part}>
      {title !== '' && <legend>{title}</legend>}
      {children}
    </fieldset>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  value: T
  options: readonly (readonly [value: T, label: string])[]
  onChange: (value: T) => void
}

function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <Select
      label={label}
      allowDeselect={false}
      data={options.map(([each, words]) => ({ value: each, label: words }))}
      value={value}
      onChange={(chosen) => {
        const found = options.find(([each]) => each === chosen)
        if (found) onChange(found[0])
      }}
    />
  )
}
