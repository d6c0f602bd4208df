import { t } from '@lingui/core/macro'
import { PAUSE_POINTS } from '@contract/update-control.ts'
import { Checkbox, NumberInput, TextInput } from '@mantine/core'
import styles from './deploy-dialog.module.css'
import type { PlanDraft } from './plan-draft.ts'

interface PlanFieldsProps {
  draft: PlanDraft
  problems: Partial<Record<keyof PlanDraft, string>>
  onChange: (draft: PlanDraft) => void
}

/** When, in which steps, and how often: for who does not just want it now. */
export function PlanFields({ draft, problems, onChange }: PlanFieldsProps) {
  const change = (part: Partial<PlanDraft>): void => onChange({ ...draft, ...part })
  return (
    <div className={styles.plan}>
      <TextInput
        size="xs"
        type="datetime-local"
        label={t`Not before`}
        value={draft.startAt}
        error={problems.startAt}
        onChange={(event) => change({ startAt: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        label={t`Phases`}
        placeholder="1, 10%, rest"
        value={draft.phases}
        error={problems.phases}
        onChange={(event) => change({ phases: event.currentTarget.value })}
      />
      <NumberInput
        size="xs"
        label={t`Retries per device`}
        min={0}
        max={100}
        allowDecimal={false}
        value={draft.retries}
        onChange={(value) => change({ retries: Number(value) || 0 })}
      />
      <NumberInput
        size="xs"
        label={t`Stop after more failures than`}
        placeholder={t`never`}
        min={0}
        allowDecimal={false}
        value={draft.maxFailures}
        onChange={(value) => change({ maxFailures: value === '' ? '' : Number(value) })}
      />
      <fieldset className={styles.pauses}>
        <legend className={styles.pauseLegend}>{t`Pause before (Mender clients 3.x)`}</legend>
        {PAUSE_POINTS.map((point) => (
          <Checkbox
            key={point}
            size="xs"
            label={point}
            checked={draft.pauseBefore.includes(point)}
            onChange={(event) =>
              change({
                pauseBefore: PAUSE_POINTS.filter((each) =>
                  each === point ? event.currentTarget.checked : draft.pauseBefore.includes(each),
                ),
              })
            }
          />
        ))}
      </fieldset>
    </div>
  )
}
