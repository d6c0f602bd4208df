import { t } from '@lingui/core/macro'
import { Checkbox, Select, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { type ComposeDraft, type TextField, isPrepared } from './compose-draft.ts'
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
      <Part title={t`Card`}>
        <Text {...parts} field="name" label={t`Name`} placeholder="my-board" />
        <Choice label={t`Table`} value={draft.table} options={TABLES} onChange={(table) => set({ table })} />
        <Text {...parts} field="cardSize" label={t`Size`} placeholder={t`as needed`} />
      </Part>
      <RootFields {...parts} />
      <BootFields {...parts} />
      <Part title={t`Data`}>
        <Text {...parts} field="dataSize" label={t`Size`} placeholder="128 MiB, or fill" />
        <Checkbox
          size="xs"
          label={t`Grows at the first start`}
          checked={draft.isGrowing}
          onChange={(event) => set({ isGrowing: event.currentTarget.checked })}
        />
      </Part>
      <details className={styles.more}>
        <summary>{t`Seed: what makes it one device's own`}</summary>
        <Part title="">
          <Text {...parts} field="deviceType" label={t`Device type`} placeholder="my-board" />
          <Text {...parts} field="artifactName" label={t`Artifact name`} placeholder="release-1" />
          <Text {...parts} field="serverUrl" label={t`Server`} placeholder="https://192.168.1.10:8443" />
          <PathInput label={t`Certificate authority`} value={draft.ca} onChange={(ca) => set({ ca })} />
          <PathInput label={t`mender.conf`} value={draft.menderConf} onChange={(menderConf) => set({ menderConf })} />
          <PathInput label={t`Device key`} value={draft.deviceKey} onChange={(deviceKey) => set({ deviceKey })} />
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
  ['tar', t`a tar`],
  ['image', t`an ext4 image`],
  ['folder', t`a folder`],
] as const
const BOOT_SOURCES = [
  ['folder', t`a folder`],
  ['image', t`a FAT or ext image`],
  ['from', t`another card image`],
] as const
const LOADERS = [
  ['uboot', 'U-Boot'],
  ['grub', 'GRUB'],
  ['none', t`leave it alone`],
] as const

function RootFields({ draft, set }: PartProps) {
  return (
    <Part title={t`Root file system, twice`}>
      <Choice label={t`From`} value={draft.rootSource} options={ROOT_SOURCES} onChange={(rootSource) => set({ rootSource })} />
      <Text draft={draft} set={set} field="slotSize" label={t`Size of each slot`} placeholder={t`as large as the image`} />
      <Checkbox
        size="xs"
        label={t`Leave slot B empty`}
        checked={draft.isSlotBEmpty}
        onChange={(event) => set({ isSlotBEmpty: event.currentTarget.checked })}
      />
      <PathInput
        label={t`Root file system`}
        value={draft.rootPath}
        isFolder={draft.rootSource === 'folder'}
        placeholder={ROOT_HINTS[draft.rootSource]}
        onChange={(rootPath) => set({ rootPath })}
      />
      <Checkbox
        size="xs"
        className={styles.whole}
        label={t`Add what Mender needs`}
        description={t`Where it lacks them: /data in fstab, the link /var/lib/mender, fw_env.config.`}
        checked={isPrepared(draft)}
        onChange={({ currentTarget: { checked } }) =>
          set({ prepare: checked === isPrepared({ ...draft, prepare: null }) ? null : checked })
        }
      />
    </Part>
  )
}

function BootFields({ draft, set }: PartProps) {
  return (
    <Part title={t`Boot`}>
      <Choice label={t`From`} value={draft.bootSource} options={BOOT_SOURCES} onChange={(bootSource) => set({ bootSource })} />
      <Text draft={draft} set={set} field="bootSize" label={t`Size`} placeholder={t`as large as the image`} />
      <Choice label={t`Boot loader`} value={draft.loader} options={LOADERS} onChange={(loader) => set({ loader })} />
      <PathInput
        label={t`Boot partition`}
        value={draft.bootPath}
        isFolder={draft.bootSource === 'folder'}
        placeholder={BOOT_HINTS[draft.bootSource]}
        onChange={(bootPath) => set({ bootPath })}
      />
      {draft.loader === 'uboot' && (
        <>
          <Text draft={draft} set={set} field="environmentAt" label={t`Environment at`} />
          <Text draft={draft} set={set} field="environmentSize" label={t`Its size`} />
          <Text draft={draft} set={set} field="environmentCopyAt" label={t`Second copy at`} placeholder="none" />
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
      data-autofocus={field === 'name' || undefined}
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
