import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { AppError } from '@contract/errors.ts'
import { parseSilenceRule, silenceRuleSource } from '@contract/silence.ts'
import { silenceWords } from '../../app/rule-words.ts'
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useDevices, useServer } from '../../app/facts.tsx'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Moment } from '../../ui/moment.tsx'
import { Section } from './section.tsx'
import styles from './settings.module.css'

/** When a device counts as silent, and which do. */
export function SilentDevices() {
  const { inspect } = useWindow()
  const rule = useServer().value?.silenceRule
  const silent = (useDevices().value ?? []).flatMap((device) =>
    device.silentAt === null ? [] : [{ ...device, silentAt: device.silentAt }],
  )
  if (rule === undefined) return null
  return (
    <Section
      title={t`Silent devices`}
      text={t`Silent ${silenceWords(rule)}: told here, in its timeline, in a corner of the window, and to webhooks (device-silent).`}
    >
      <Rule key={silenceRuleSource(rule)} source={silenceRuleSource(rule)} />
      {silent.length === 0 && <p className="dim">{t`No device is silent.`}</p>}
      <ul className={styles.plain}>
        {silent.map(({ id, name, silentAt, silentWhy, lastSeenAt }) => (
          <li key={id}>
            <button type="button" className={styles.link} onClick={() => inspect(id, 'timeline')}>
              {name}
            </button>{' '}
            <span className="dim">
              <Trans>
                last heard <Moment at={lastSeenAt ?? silentAt} />: {silentWhy ?? ''}
              </Trans>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Rule({ source }: { source: string }) {
  const [text, setText] = useState(source)
  const problem = problemOf(text)
  const set = useAction((engine) => engine.server.setSilenceRule({ silenceRule: parseSilenceRule(text) }))
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (problem === null) set.run()
  }
  return (
    <form className={styles.silence} onSubmit={submit}>
      <TextInput
        label={t`Silent after`}
        description={t`Missed polls (3), or a time (30m, 2h, 1d)`}
        w={260}
        value={text}
        error={problem}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <May group="server">
        <Button type="submit" variant="default" disabled={problem !== null || text.trim() === source} loading={set.isBusy}>
          {t`Set`}
        </Button>
      </May>
    </form>
  )
}

function problemOf(text: string): string | null {
  try {
    parseSilenceRule(text)
    return null
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.hint : String(thrown)
  }
}
