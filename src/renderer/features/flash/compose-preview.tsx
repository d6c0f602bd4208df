import { t } from '@lingui/core/macro'
import type { CardLayoutInput } from '@contract/card-layout.ts'
import type { CardPlan, LayoutSource } from '@contract/compose.ts'
import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Save } from 'lucide-react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { useCall } from '../../app/use-call.ts'
import { CardPicture } from '../../ui/card-picture.tsx'
import { Label } from '../../ui/chip.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { bytes } from '../../ui/format.ts'
import styles from './compose.module.css'
import flash from './flash.module.css'
import { Refusal } from '../../ui/refusal.tsx'

interface ComposePreviewProps {
  layout: LayoutSource | null
  /** What has to be filled in before there is anything to show. */
  missing: string | null
  /** What the form says, to be shown as a layout file; null where there is a file already. */
  text: CardLayoutInput | null
  name: string
  command: string
}

const TYPING_MS = 300

/** What the card will be, before anything is written, and the same as a layout file and a command line. */
export function ComposePreview({ layout, missing, text, name, command }: ComposePreviewProps) {
  const [asked] = useDebouncedValue(layout, TYPING_MS)
  const [said] = useDebouncedValue(text, TYPING_MS)
  const { value: plan, failure } = useCall(asked === null ? null : `compose.plan ${JSON.stringify(asked)}`, (engine, signal) => {
    if (asked === null) throw new Error('There is nothing to plan')
    return engine.compose.plan({ layout: asked }, { signal })
  })
  return (
    <section className={styles.preview} aria-label={t`What the card will be`}>
      {missing !== null && <p className="dim">{t`It still needs ${missing}.`}</p>}
      {missing === null && failure !== null && <Refusal failure={failure} className={flash.warning} />}
      {plan !== null && <PlanPicture plan={plan} />}
      {said !== null && <LayoutText layout={said} name={name} />}
      <Label>{t`Command line`}</Label>
      <CopyLine text={command} label={t`the command line`} />
    </section>
  )
}

/** What a card will be: to scale, and part by part. */
export function PlanPicture({ plan: { sizeBytes, table, partitions, areas, warnings } }: { plan: CardPlan }) {
  const parts = [
    ...partitions.map((each) => ({ ...each, key: String(each.number), title: each.role, usedBytes: null })),
    ...areas.map((each) => ({ ...each, key: `${each.what} ${each.startBytes}`, title: each.what, usedBytes: null })),
  ]
  return (
    <>
      <p className={flash.line}>
        {bytes(sizeBytes)} · {table.toUpperCase()}
      </p>
      <CardPicture
        label={t`The card: ${partitions.map((each) => `${each.role} ${bytes(each.sizeBytes)}`).join(', ')}`}
        sizeBytes={sizeBytes}
        parts={parts}
      />
      <ul className={styles.parts}>
        {partitions.map((each) => (
          <li key={each.number}>
            <span className={flash.strong}>{each.role}</span>
            <span>{bytes(each.sizeBytes)}</span>
            <span className="dim">{each.content}</span>
          </li>
        ))}
      </ul>
      {warnings.map((warning) => (
        <p key={warning} className={flash.warning}>
          {warning}
        </p>
      ))}
    </>
  )
}

function LayoutText({ layout, name }: { layout: CardLayoutInput; name: string }) {
  const machine = useMachine()
  const { value } = useCall(`compose.text ${JSON.stringify(layout)}`, (engine, signal) => engine.compose.text({ layout }, { signal }))
  const save = useAction((_engine, text: string) => machine?.saveText({ suggestedName: `${name}.yaml`, text }) ?? Promise.resolve(null))
  if (value === null) return null
  return (
    <>
      <div className={styles.textHead}>
        <Label>{t`Layout`}</Label>
        <Button variant="subtle" color="gray" leftSection={<Save size={13} />} onClick={() => save.run(value)}>
          {t`Save…`}
        </Button>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <pre className={styles.text} tabIndex={0} aria-label={t`The layout as a file`}>
        {value}
      </pre>
    </>
  )
}
