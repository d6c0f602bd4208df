import { plural, t } from '@lingui/core/macro'
import type { StationView } from '@contract/station.ts'
import { Button, Group, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { PathInput } from '../../app/path-input.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { OrderField } from './order-field.tsx'
import { PinField } from './pin-field.tsx'
import { RecordsField } from './records-field.tsx'
import { draftOf, type SetupDraft, setupOf } from './setup-draft.ts'
import { SlotField } from './slot-field.tsx'
import styles from './station.module.css'
import { useStation } from './use-station.ts'

/** What an engineer sets up before an operator takes over. */
export function StationSetupDialog() {
  const { sheet, showSheet } = useWindow()
  const view = useStation().value
  return (
    <Modal
      opened={sheet === 'station' && view?.state === 'off'}
      onClose={() => showSheet(null)}
      title={t`Station`}
      size={760}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {view !== null && <SetupForm view={view} />}
    </Modal>
  )
}

function SetupForm({ view }: { view: StationView }) {
  const { showSheet, stationImage } = useWindow()
  const [draft, setDraft] = useState(() => draftOf(view, stationImage))
  const set = (more: Partial<SetupDraft>): void => setDraft((last) => ({ ...last, ...more }))
  const made = setupOf(draft, view.setup)
  const start = useAction(async (engine) => {
    if ('missing' in made) return
    const { slots, operator, order } = draft
    showSheet(null)
    await engine.station.start({ setup: made.setup, slots, operator, order: order === '' ? null : order })
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    start.run()
  }
  return (
    <form onSubmit={submit}>
      <div className={styles.setup}>
        <PathInput
          isFirst
          label={t`Recipe`}
          value={draft.recipe}
          placeholder="/home/me/board.yaml"
          onChange={(recipe) => set({ recipe })}
        />
        <PathInput
          label={t`Image`}
          value={draft.image}
          placeholder={t`A card of boot, A, B and data`}
          onChange={(image) => set({ image })}
        />
        <SlotField chosen={draft.slots} onChange={(slots) => set({ slots })} />
        <TextInput
          label={t`Operator`}
          maxLength={100}
          value={draft.operator}
          onChange={({ currentTarget }) => set({ operator: currentTarget.value })}
        />
        <OrderField value={draft.order} onChange={(order) => set({ order })} />
        <CardFields draft={draft} set={set} />
        <ServerFields draft={draft} set={set} />
        <LabelFields draft={draft} set={set} />
        <PinField hasPin={view.hasPin} />
        <RecordsField />
      </div>
      <Group justify="space-between" mt="lg" gap="xs">
        <span className="dim">
          {'missing' in made ? made.missing : t`A card that is put into an armed slot is written without being asked.`}
        </span>
        <Button type="submit" disabled={'missing' in made} loading={start.isBusy}>
          {plural(draft.slots.length, { one: 'Arm # slot', other: 'Arm # slots' })}
        </Button>
      </Group>
    </form>
  )
}

interface PartProps {
  draft: SetupDraft
  set: (more: Partial<SetupDraft>) => void
}

/** Which cards are taken. */
function CardFields({ draft, set }: PartProps) {
  return (
    <>
      <div className={styles.two}>
        <SizeInput label={t`Card at least`} value={draft.minSize} onChange={(minSize) => set({ minSize })} />
        <SizeInput label={t`Card at most`} value={draft.maxSize} onChange={(maxSize) => set({ maxSize })} />
      </div>
      <TextInput
        label={t`Card brand`}
        placeholder={t`Any`}
        maxLength={100}
        value={draft.brand}
        onChange={({ currentTarget }) => set({ brand: currentTarget.value })}
      />
    </>
  )
}

function SizeInput({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) {
  return <TextInput label={label} placeholder="8GB" value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
}

const SERVERS = [
  { value: 'bench', label: t`This bench` },
  { value: 'url', label: t`Another server` },
  { value: 'none', label: t`None` },
]

function ServerFields({ draft, set }: PartProps) {
  return (
    <>
      <NativeSelect
        label={t`Preauthorize on`}
        size="xs"
        data={SERVERS}
        value={draft.server}
        onChange={({ currentTarget }) => set({ server: SERVER_KINDS.find((kind) => kind === currentTarget.value) ?? 'none' })}
      />
      {draft.server === 'url' ? (
        <div className={styles.two}>
          <TextInput
            label={t`Server`}
            placeholder="https://hosted.mender.io"
            value={draft.url}
            onChange={({ currentTarget }) => set({ url: currentTarget.value })}
          />
          <TextInput
            label={t`Its token`}
            placeholder={t`env:NAME or file:PATH`}
            value={draft.token}
            onChange={({ currentTarget }) => set({ token: currentTarget.value })}
          />
        </div>
      ) : (
        <div />
      )}
    </>
  )
}

const SERVER_KINDS = ['none', 'bench', 'url'] as const
const LABEL_KINDS = ['none', 'zpl', 'pdf'] as const

const LABELS = [
  { value: 'none', label: t`None` },
  { value: 'zpl', label: t`ZPL` },
  { value: 'pdf', label: t`PDF` },
]

function LabelFields({ draft, set }: PartProps) {
  return (
    <>
      <NativeSelect
        label={t`Label`}
        size="xs"
        data={LABELS}
        value={draft.label}
        onChange={({ currentTarget }) => set({ label: LABEL_KINDS.find((kind) => kind === currentTarget.value) ?? 'none' })}
      />
      {draft.label === 'none' ? (
        <div />
      ) : (
        <>
          <TextInput
            label={t`Label printer`}
            placeholder="labels.lan:9100"
            value={draft.labelPrinter}
            onChange={({ currentTarget }) => set({ labelPrinter: currentTarget.value })}
          />
          <PathInput label={t`Folder for labels`} isFolder value={draft.labelFolder} onChange={(labelFolder) => set({ labelFolder })} />
        </>
      )}
    </>
  )
}
