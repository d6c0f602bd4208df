import { t } from '@lingui/core/macro'
import type { ExampleKind } from '@contract/provision.ts'
import { BAUD_RATES } from '@contract/serial.ts'
import { Autocomplete, Button, Checkbox, Group, SegmentedControl, Select, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useBoards } from '../../app/facts.tsx'
import { PathInput } from '../../app/path-input.tsx'
import { SshFields } from '../../app/ssh-fields.tsx'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import type { ProvisionPreset } from '../../app/window-state.ts'
import { draftOf, FIND_BAUD, missing, onBoard, ROADS, type ProvisionDraft, startProvisioning, useRecipe } from './provision-draft.ts'
import { PlannedSteps } from './planned-steps.tsx'
import styles from './provision.module.css'

interface ProvisionFormProps {
  preset: ProvisionPreset
  onStarted: (jobId: string) => void
}

/** Which recipe, which board, by which road; beside it the steps that would be taken. */
export function ProvisionForm({ preset, onStarted }: ProvisionFormProps) {
  const [draft, setDraft] = useState(() => draftOf(preset))
  const { recipe, setRecipe } = useRecipe()
  const lacking = missing(draft, recipe)
  const start = useAction(
    (engine) => startProvisioning(engine, draft, recipe),
    ({ jobId }) => onStarted(jobId),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (lacking === null) start.run()
  }
  return (
    <form onSubmit={submit} autoComplete="off">
      <div className={styles.columns}>
        <div className={styles.fields}>
          <PathInput isFirst label={t`Recipe`} placeholder="/home/me/board.yaml" value={recipe} onChange={setRecipe} />
          <Example kind={draft.board === null ? 'debian' : 'virtual'} onSaved={setRecipe} />
          <SegmentedControl
            size="xs"
            aria-label={t`Road to the board`}
            data={ROADS.map((each) => each)}
            value={draft.road}
            onChange={(value) => setDraft({ ...draft, road: ROADS.find((each) => each.value === value)?.value ?? 'ssh' })}
          />
          {draft.road !== 'image' && <BoardChoice draft={draft} onChange={setDraft} />}
          <Road draft={draft} onChange={setDraft} />
          <Checkbox
            size="xs"
            label={t`Let this server expect the board`}
            description={t`It is accepted by its identity and key when it first asks.`}
            checked={draft.isPreauthorized}
            onChange={(event) => setDraft({ ...draft, isPreauthorized: event.currentTarget.checked })}
          />
        </div>
        <PlannedSteps recipe={recipe} road={draft.road} />
      </div>
      <Group justify="flex-end" mt="md" gap="md">
        <span className="dim">{lacking}</span>
        <Button type="submit" disabled={lacking !== null} loading={start.isBusy}>
          {t`Provision`}
        </Button>
      </Group>
    </form>
  )
}

/** Saves a recipe to begin with, and chooses it. */
function Example({ kind, onSaved }: { kind: ExampleKind; onSaved: (path: string) => void }) {
  const machine = useMachine()
  const save = useAction(
    async (engine) => {
      const { text } = await engine.provision.example({ kind })
      return (await machine?.saveText({ suggestedName: 'board.yaml', text })) ?? { path: null }
    },
    ({ path }) => {
      if (path !== null) onSaved(path)
    },
  )
  return (
    <Button className={styles.example} variant="subtle" color="gray" size="compact-xs" loading={save.isBusy} onClick={() => save.run()}>
      {t`Begin with an example…`}
    </Button>
  )
}

interface RoadProps {
  draft: ProvisionDraft
  onChange: (draft: ProvisionDraft) => void
}

/** Fills in both roads for a virtual board; not asked where there is none. */
function BoardChoice({ draft, onChange }: RoadProps) {
  const boards = useBoards().value ?? []
  if (boards.length === 0) return null
  function choose(name: string | null): void {
    const board = boards.find((each) => each.name === name)
    if (board !== undefined) onChange(onBoard(draft, board))
    else onChange({ ...draftOf({ road: draft.road, place: '' }), isPreauthorized: draft.isPreauthorized })
  }
  return (
    <Select
      label={t`Virtual board`}
      placeholder={t`none: a real one`}
      clearable
      data={boards.map(({ name, isOn }) => ({ value: name, label: isOn ? name : t`${name} · off`, disabled: !isOn }))}
      value={draft.board}
      onChange={choose}
    />
  )
}

function Road({ draft, onChange }: RoadProps) {
  if (draft.road === 'ssh')
    return (
      <>
        <SshFields login={draft.login} onChange={(login) => onChange({ ...draft, login })} />
        <SudoPassword draft={draft} onChange={onChange} />
      </>
    )
  if (draft.road === 'serial') return <SerialRoad draft={draft} onChange={onChange} />
  return (
    <>
      <PathInput
        label={t`Card image`}
        placeholder="/home/me/card.img"
        value={draft.image}
        onChange={(image) => onChange({ ...draft, image })}
      />
      <p className={styles.hint}>
        {t`Four partitions: boot, A, B, data. It is changed where it lies; a failure leaves it as it was. What needs a running board is left out.`}
      </p>
    </>
  )
}

const RATES = [{ value: FIND_BAUD, label: t`Find it` }, ...BAUD_RATES.map((rate) => ({ value: String(rate), label: String(rate) }))]

function SerialRoad({ draft, onChange }: RoadProps) {
  const ports = useLive('serial.ports', (engine, signal) => engine.serial.ports(undefined, { signal })).value ?? []
  const { serial } = draft
  const change = (part: Partial<ProvisionDraft['serial']>): void => onChange({ ...draft, serial: { ...serial, ...part } })
  return (
    <>
      <Group grow>
        <Autocomplete
          size="xs"
          label={t`Port`}
          placeholder="/dev/ttyUSB0"
          data={ports.map(({ path }) => path)}
          value={serial.path}
          onChange={(path) => change({ path })}
        />
        <Select
          label={t`Baud`}
          data={RATES}
          value={serial.baud}
          allowDeselect={false}
          onChange={(baud) => change({ baud: baud ?? serial.baud })}
        />
      </Group>
      <Group grow>
        <TextInput label={t`User`} value={serial.user} onChange={(event) => change({ user: event.currentTarget.value })} />
        <TextInput
          label={t`Password`}
          type="password"
          placeholder={t`kept nowhere`}
          value={serial.password}
          onChange={(event) => change({ password: event.currentTarget.value })}
        />
      </Group>
      <SudoPassword draft={draft} onChange={onChange} />
    </>
  )
}

function SudoPassword({ draft, onChange }: RoadProps) {
  return (
    <TextInput
      label={t`Password for sudo`}
      type="password"
      placeholder={t`that of the login`}
      value={draft.sudoPassword}
      onChange={(event) => onChange({ ...draft, sudoPassword: event.currentTarget.value })}
    />
  )
}
