import { t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import { useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { Label } from '../../ui/chip.tsx'
import styles from './artifacts.module.css'

/** The state scripts by name; one that is opened shows its text. They do not change, so they are asked for once. */
export function ScriptTexts({ artifact }: { artifact: Artifact }) {
  const [texts, setTexts] = useState<ReadonlyMap<string, string | null> | null>(null)
  const load = useAction(
    (engine) => engine.artifacts.scripts({ id: artifact.id }),
    (scripts) => setTexts(new Map(scripts.map(({ name, text }) => [name, text]))),
  )
  if (artifact.scripts.length === 0) return null
  return (
    <>
      <Label>{t`State scripts`}</Label>
      {artifact.scripts.map((name) => (
        <details key={name} className={styles.script} onToggle={() => texts === null && !load.isBusy && load.run()}>
          <summary>{name}</summary>
          {texts !== null && <ScriptText text={texts.get(name) ?? null} />}
        </details>
      ))}
    </>
  )
}

function ScriptText({ text }: { text: string | null }) {
  if (text === null) return <p className="dim">{t`A program, not a text.`}</p>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <pre className={styles.scriptText} tabIndex={0}>
      {text}
    </pre>
  )
}
