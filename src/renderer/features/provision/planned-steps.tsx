import { t } from '@lingui/core/macro'
import { useDebouncedValue, useWindowEvent } from '@mantine/hooks'
import { useState } from 'react'
import { useCall } from '../../app/use-call.ts'
import { Label } from '../../ui/chip.tsx'
import type { Road } from './provision-draft.ts'
import styles from './provision.module.css'
import { Refusal } from '../../ui/refusal.tsx'

const READ_MS = 300

/** What a recipe would do, or what is wrong with it, by line and column. Nothing is touched for it. */
export function PlannedSteps({ recipe, road }: { recipe: string; road: Road }) {
  const [path] = useDebouncedValue(recipe, READ_MS)
  const [turn, setTurn] = useState(0)
  // Who comes back from an editor has corrected it.
  useWindowEvent('focus', () => setTurn((last) => last + 1))
  const key = path === '' ? null : `provision.plan ${turn} ${road} ${path}`
  const { value: steps, failure } = useCall(key, (engine, signal) => engine.provision.plan({ recipe: path, road }, { signal }))
  return (
    <section className={styles.plan} aria-label={t`What it would do`}>
      <Label>{t`What it would do`}</Label>
      {path === '' && (
        <p className={styles.hint}>{t`A recipe is a YAML file that says what a board should become. Its steps are shown here.`}</p>
      )}
      {failure !== null && <Refusal failure={failure} className={styles.problem} />}
      {steps?.length === 0 && <p className={styles.hint}>{t`Nothing, on this road.`}</p>}
      {steps !== null && (
        <ol className={styles.steps}>
          {steps.map(({ step, lines }) => (
            <li key={step}>
              <strong>{step}</strong>
              <ul>
                {lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
