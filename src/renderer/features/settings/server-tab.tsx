import { t } from '@lingui/core/macro'
import { type AcceptMode, parseAcceptMode } from '@contract/accept-mode.ts'
import { acceptedNow } from '../../app/rule-words.ts'
import { Button, Checkbox, SegmentedControl } from '@mantine/core'
import { Cable } from 'lucide-react'
import { AcceptRule } from '../../app/accept-mode.tsx'
import { BackUp } from '../../app/back-up.tsx'
import { useServer } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { useNow } from '../../ui/use-now.ts'
import { Section } from './section.tsx'
import styles from './settings.module.css'
import { SilentDevices } from './silent-devices.tsx'

/** How devices reach this bench, and which of them come in. */
export function ServerTab() {
  const server = useServer().value
  const { showSheet } = useWindow()
  if (server === null) return null
  return (
    <div className={styles.column}>
      <Section title={t`Addresses`} text={t`What a device on the lab network puts into its ServerURL.`}>
        {server.urls.length === 0 && <p className="dim">{t`The server does not listen.`}</p>}
        {server.urls.map((url) => (
          <CopyLine key={url} text={url} label={url} />
        ))}
        <div className={styles.buttons}>
          <Button variant="default" leftSection={<Cable size={13} />} onClick={() => showSheet('hardware')}>
            {t`Lines for a device…`}
          </Button>
        </div>
      </Section>
      <NewDevices />
      <SilentDevices />
      <Sessions />
      <Section
        title={t`Backup`}
        text={t`One file with devices, artifacts, deployments, recorded terminals, keys and certificates; otabench restore brings it back.`}
      >
        <div className={styles.buttons}>
          <May group="backup">
            <BackUp />
          </May>
        </div>
      </Section>
    </div>
  )
}

const FOR_A_WHILE = '15m'
/** By network or identity, which is set below. */
const RULE = 'rule'

/** Of the choices that are offered, the one that holds now. */
function choiceOf(mode: AcceptMode, now: number): string {
  if (typeof mode === 'string') return mode
  if (mode.kind !== 'until') return RULE
  return mode.until > now ? FOR_A_WHILE : 'none'
}

/** Who comes in by itself. */
function NewDevices() {
  const now = useNow()
  const { showSheet } = useWindow()
  const mode = useServer().value?.acceptMode ?? 'none'
  const set = useAction((engine, text: string) => engine.server.setAcceptMode({ acceptMode: parseAcceptMode(text, Date.now()) }))
  const choice = choiceOf(mode, now)
  /** Who chooses what holds already changes nothing, but these minutes start anew. */
  function startAnew(target: EventTarget): void {
    if (choice === FOR_A_WHILE && target instanceof HTMLInputElement && target.value === choice) set.run(choice)
  }
  return (
    <Section title={t`New devices`} text={t`Now ${acceptedNow(mode, now)}.`}>
      <div className={styles.buttons}>
        <May group="server">
          <SegmentedControl
            size="xs"
            className={styles.choice}
            aria-label={t`New devices`}
            value={choice}
            onClick={({ target }) => startAnew(target)}
            onKeyUp={({ key, target }) => key === ' ' && startAnew(target)}
            onChange={(next) => next !== RULE && set.run(next)}
            data={[
              { value: 'none', label: t`Let them wait` },
              { value: FOR_A_WHILE, label: t`Accept all for 15 minutes` },
              { value: 'all', label: t`Accept all` },
              ...(choice === RULE ? [{ value: RULE, label: t`Accept some` }] : []),
            ]}
          />
        </May>
        <Button variant="default" onClick={() => showSheet('preauthorize')}>
          {t`Preauthorize…`}
        </Button>
      </div>
      <div className={styles.rule}>
        <May group="server">
          <AcceptRule onSet={set.run} />
        </May>
      </div>
    </Section>
  )
}

/** Whether terminals are recorded. */
function Sessions() {
  const { showActivity } = useWindow()
  const isOn = useLive('recordings.isOn', (engine, signal) => engine.recordings.isOn(undefined, { signal })).value
  const set = useAction((engine, next: boolean) => engine.recordings.setOn({ isOn: next }))
  return (
    <Section
      title={t`Terminal sessions`}
      text={t`What terminals on devices show is kept on this machine: the last 200, 8 MB each at most.`}
    >
      <Checkbox
        size="xs"
        label={t`Record them`}
        checked={isOn ?? false}
        disabled={isOn === null}
        onChange={(event) => set.run(event.currentTarget.checked)}
      />
      <div className={styles.buttons}>
        <Button variant="default" onClick={() => showActivity('sessions')}>
          {t`Recorded sessions`}
        </Button>
      </div>
    </Section>
  )
}
