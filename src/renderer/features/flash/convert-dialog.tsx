import { t } from '@lingui/core/macro'
import type { ConvertOptions } from '@contract/convert.ts'
import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { CopyPlus, FolderOutput } from 'lucide-react'
import { useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { finishJob } from '../../app/finish-job.ts'
import { useAction } from '../../app/use-action.ts'
import { useCall } from '../../app/use-call.ts'
import { Label } from '../../ui/chip.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { PlanPicture } from './compose-preview.tsx'
import styles from './compose.module.css'
import { type ConvertDraft, EMPTY_CONVERSION, convertCommand, convertedName, missingForConversion, optionsOf } from './convert-draft.ts'
import flash from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { JobProgress } from './job-progress.tsx'
import { fileName } from './partition-words.ts'
import { PathInput } from '../../app/path-input.tsx'
import { Refusal } from '../../ui/refusal.tsx'

/** Makes a card with two root file systems out of one with one, as vendors ship them. */
export function ConvertDialog({ image }: { image: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" leftSection={<CopyPlus size={13} />} onClick={() => setOpen(true)}>
        {t`Make it A/B…`}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t`Make ${fileName(image)} an A/B card`}
        size={900}
        closeButtonProps={{ 'aria-label': t`Close` }}
      >
        <Form image={image} onDone={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function Form({ image, onDone }: { image: string; onDone: () => void }) {
  const [draft, setDraft] = useState<ConvertDraft>(EMPTY_CONVERSION)
  const { jobId, convert, isBusy } = useConvert(onDone)
  const options = optionsOf(image, draft)
  const plan = usePlan(options)
  const missing = missingForConversion(draft, plan)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        convert(options, draft.output)
      }}
    >
      <div className={styles.columns}>
        <Fields image={image} draft={draft} onChange={setDraft} />
        <Preview plan={plan} command={convertCommand(options, draft.output)} />
      </div>
      <div className={styles.foot}>
        {jobId === null ? (
          <Group justify="flex-end" mt="sm">
            {missing !== null && <span className="dim">{missing}</span>}
            <Button type="submit" disabled={missing !== null} loading={isBusy}>
              {t`Convert`}
            </Button>
          </Group>
        ) : (
          <JobProgress jobId={jobId} />
        )}
      </div>
    </form>
  )
}

interface FieldsProps {
  image: string
  draft: ConvertDraft
  onChange: (draft: ConvertDraft) => void
}

const TEXTS = [
  ['deviceType', t`Device type`, t`as the card says`],
  ['storage', t`Storage, as the device names it`, t`as /dev/mmcblk0p`],
  ['serverUrl', t`Server`, 'https://192.168.1.10:8443'],
  ['slotSize', t`Size of each slot`, t`as the root file system is`],
  ['dataSize', t`Size of data`, t`128 MiB, or fill`],
] as const

function Fields({ image, draft, onChange }: FieldsProps) {
  const machine = useMachine()
  const pick = useAction(
    () => machine?.pickSavePath({ suggestedName: convertedName(fileName(image)) }) ?? Promise.resolve({ path: null }),
    ({ path }) => {
      if (path !== null) onChange({ ...draft, output: path })
    },
  )
  return (
    <div className={styles.pairs}>
      {TEXTS.map(([field, label, placeholder]) => (
        <TextInput
          key={field}
          label={label}
          placeholder={placeholder}
          value={draft[field]}
          onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
        />
      ))}
      <Checkbox
        size="xs"
        label={t`Leave slot B empty`}
        checked={draft.isSlotBEmpty}
        onChange={(event) => onChange({ ...draft, isSlotBEmpty: event.currentTarget.checked })}
      />
      <PathInput
        label={t`Write the new image to`}
        value={draft.output}
        icon={<FolderOutput size={13} />}
        onChange={(output) => onChange({ ...draft, output })}
        onPick={pick.run}
      />
    </div>
  )
}

const TYPING_MS = 300
const LOADERS = { extlinux: 'extlinux.conf', script: t`a script of U-Boot's`, grub: 'GRUB' } as const

type Plan = ReturnType<typeof usePlan>

/** What the card would be, a moment after the last key. */
function usePlan(options: ConvertOptions) {
  const [asked] = useDebouncedValue(options, TYPING_MS)
  return useCall(`compose.convertPlan ${JSON.stringify(asked)}`, (engine, signal) =>
    engine.compose.convertPlan({ options: asked, folder: '/' }, { signal }),
  )
}

function Preview({ plan: { value, failure }, command }: { plan: Plan; command: string }) {
  return (
    <section aria-label={t`What the card will be`}>
      {failure !== null && <Refusal failure={failure} className={flash.warning} />}
      {value !== null && failure === null && (
        <>
          <p className={flash.line}>
            {t`For ${value.deviceType}. Its slots boot by`} {LOADERS[value.boot]}.
          </p>
          <PlanPicture plan={value.plan} />
        </>
      )}
      <Label>{t`Command line`}</Label>
      <CopyLine text={command} label={t`the command line`} />
    </section>
  )
}

function useConvert(onDone: () => void) {
  const [jobId, setJobId] = useState<string | null>(null)
  const { chooseImage } = useFlash()
  const { run: convert, isBusy } = useAction(async (engine, options: ConvertOptions, output: string) => {
    try {
      const started = await engine.compose.convert({ options, folder: '/', output, hasBmap: true })
      setJobId(started.jobId)
      await finishJob(engine, started.jobId)
      chooseImage(output)
      onDone()
    } finally {
      setJobId(null)
    }
  })
  return { jobId, convert, isBusy }
}
