import { t } from '@lingui/core/macro'
import { ActionIcon, Button, Kbd, Switch, Tooltip } from '@mantine/core'
import { CircleAlert, Plus, RotateCcw, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { ACTION_IDS, type ActionId, actionOf } from '../../app/actions.ts'
import { conflictsOf, keysOf, useBindings } from '../../app/key-bindings.ts'
import { chordOf, shownChord } from '../../app/keys.ts'
import { SCOPES } from '../../app/shortcut-sheet.tsx'
import table from '../../ui/table.module.css'
import styles from './keys-tab.module.css'
import { Section } from './section.tsx'
import settings from './settings.module.css'

/** Every key, and how to change it. */
export function KeysTab() {
  const { changed, hasSingleKeys, setSingleKeys, resetAll } = useBindings()
  return (
    <div className={settings.column}>
      <Section title={t`Single characters`} text={t`Letters without Ctrl or Alt can be set off by speech input, or by a hand that slips.`}>
        <Switch
          size="xs"
          label={t`Letters and symbols alone do something`}
          checked={hasSingleKeys}
          onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        />
      </Section>
      {SCOPES.map(([scope, title]) => {
        const ids = ACTION_IDS.filter((id) => actionOf(id).scope === scope)
        return ids.length === 0 ? null : (
          <Section key={scope} title={title}>
            <table className={table.table} aria-label={title}>
              <tbody>
                {ids.map((id) => (
                  <KeyRow key={id} id={id} />
                ))}
              </tbody>
            </table>
          </Section>
        )
      })}
      <Button variant="default" leftSection={<RotateCcw size={13} />} disabled={Object.keys(changed).length === 0} onClick={resetAll}>
        {t`Reset all keys`}
      </Button>
    </div>
  )
}

function KeyRow({ id }: { id: ActionId }) {
  const bindings = useBindings()
  const [isListening, setListening] = useState(false)
  const { title, section, keys: first } = actionOf(id)
  const usual = first.map(shownChord).join(t` or `) || t`none`
  const keys = keysOf(id, { ...bindings, hasSingleKeys: true })
  const name = (section === 'Go' ? t`Go to ${title}` : title).replace(/…$/, '')
  const others = [...new Set(keys.flatMap((chord) => conflictsOf(id, chord, bindings)))]
  return (
    <tr>
      <td className={styles.name}>
        {name}
        {others.length > 0 && (
          <span className={styles.conflict}>
            <CircleAlert size={12} aria-hidden /> {t`also ${others.map((other) => actionOf(other).title.replace(/…$/, '')).join(', ')}`}
          </span>
        )}
      </td>
      <td>
        <div className={styles.keys}>
          {keys.map((chord) => (
            <Chord
              key={chord}
              chord={chord}
              name={name}
              onRemove={() =>
                bindings.change(
                  id,
                  keys.filter((each) => each !== chord),
                )
              }
            />
          ))}
          {isListening ? (
            <Listening
              name={name}
              onEnd={(chord) => {
                setListening(false)
                if (chord !== null && !keys.includes(chord)) bindings.change(id, [...keys, chord])
              }}
            />
          ) : (
            <ActionIcon size={24} aria-label={t`Add a key to ${name}`} onClick={() => setListening(true)}>
              <Plus size={13} />
            </ActionIcon>
          )}
          {bindings.changed[id] !== undefined && (
            <Tooltip label={t`As it came: ${usual}`}>
              <ActionIcon size={24} aria-label={t`Reset the keys of ${name}`} onClick={() => bindings.reset(id)}>
                <RotateCcw size={12} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      </td>
    </tr>
  )
}

function Chord({ chord, name, onRemove }: { chord: string; name: string; onRemove: () => void }) {
  return (
    <span className={styles.chord}>
      <Kbd>{shownChord(chord)}</Kbd>
      <ActionIcon size={24} aria-label={t`Remove ${shownChord(chord)} from ${name}`} onClick={onRemove}>
        <X size={12} />
      </ActionIcon>
    </span>
  )
}

/** Takes the next key that is pressed; Escape, or going elsewhere, takes none. */
function Listening({ name, onEnd }: { name: string; onEnd: (chord: string | null) => void }) {
  function take(event: KeyboardEvent): void {
    if (event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    const chord = chordOf(event.nativeEvent)
    if (chord !== null) onEnd(chord === 'Escape' ? null : chord)
  }
  return (
    <input
      readOnly
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- it was asked for by the button that it stands in for
      autoFocus
      className={styles.listening}
      aria-label={t`New key of ${name}`}
      value={t`Press a key`}
      onKeyDown={take}
      onBlur={() => onEnd(null)}
    />
  )
}
