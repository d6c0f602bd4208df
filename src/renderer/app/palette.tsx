import { t } from '@lingui/core/macro'
import { Kbd, Modal } from '@mantine/core'
import { Search } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from 'react'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { shownChord } from './keys.ts'
import { offersAt } from './offers.ts'
import { type Entry, ranked } from './palette-rank.ts'
import styles from './palette.module.css'
import { useActionEntries, useObjectEntries } from './use-entries.ts'
import { useWindow } from './window-state.ts'

const LABEL = t`Search or run a command`
const REMEMBERED = 6

/** What was chosen last: it outlives the window. */
const useRecent = create<{ recent: readonly string[]; choose: (key: string) => void }>()(
  persist(
    (set) => ({
      recent: [],
      choose: (key) => set(({ recent }) => ({ recent: [key, ...recent.filter((each) => each !== key)].slice(0, REMEMBERED) })),
    }),
    { name: 'palette', partialize: ({ recent }) => ({ recent }) },
  ),
)

/** Finds everything by its name: actions, also those that cannot run now and why, and all that is on the bench. */
export function Palette() {
  const { sheet, showSheet } = useWindow()
  const isOpen = sheet === 'palette'
  return (
    <Modal
      opened={isOpen}
      onClose={() => showSheet(null)}
      withCloseButton={false}
      // The focus goes back by hand, before what was chosen runs: that may take it elsewhere.
      returnFocus={false}
      padding={0}
      size={640}
      yOffset="12vh"
      centered={false}
      transitionProps={{ duration: 0 }}
      attributes={{ content: { 'aria-label': LABEL } }}
    >
      {isOpen && <Finder onClose={() => showSheet(null)} />}
    </Modal>
  )
}

/** Where the focus was in the place, wherever the palette was opened from. */
function lastFocus(): HTMLElement | null {
  const { activeElement } = document
  if (activeElement instanceof HTMLElement && activeElement.closest('[data-region=content]')) return activeElement
  return document.querySelector<HTMLElement>('[data-region=content] [data-kept-focus]')
}

/** What fits what is typed, and which of it is current. */
function useFound() {
  const [offers] = useState(() => offersAt(lastFocus()))
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const { recent, choose } = useRecent()
  const actions = useActionEntries(offers)
  const objects = useObjectEntries(query)
  const found = ranked(query === '' ? actions : [...actions, ...objects], query, recent)
  function search(text: string): void {
    setQuery(text)
    setAt(0)
  }
  return { found, current: Math.max(0, Math.min(at, found.length - 1)), query, search, setAt, choose }
}

/** Before the kit comes to it: who types on loses no letter. */
function useFocusAtOnce(): RefObject<HTMLInputElement | null> {
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    field.current?.focus()
  }, [])
  return field
}

function Finder({ onClose }: { onClose: () => void }) {
  const id = useId()
  const [back] = useState(() => document.activeElement)
  const field = useFocusAtOnce()
  const { found, current, query, search, setAt, choose } = useFound()

  function close(): void {
    onClose()
    if (back instanceof HTMLElement) back.focus()
  }

  function take(entry: Entry | undefined): void {
    if (entry === undefined || entry.why !== null) return
    choose(entry.key)
    close()
    entry.run()
  }

  function move(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }
    const step = steps[event.key]
    if (event.key === 'Enter') take(found[current])
    else if (event.key === 'Escape') close()
    else if (step === undefined) return
    else if (Math.abs(step) === 1) setAt((current + step + found.length) % Math.max(1, found.length))
    else setAt(Math.max(0, Math.min(found.length - 1, current + step)))
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className={styles.body}>
      <div className={styles.field}>
        <Search size={16} aria-hidden />
        <input
          ref={field}
          className={styles.input}
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={found.length > 0 ? `${id}-${current}` : undefined}
          aria-label={LABEL}
          placeholder={t`A command, device, artifact, deployment, job or setting`}
          spellCheck={false}
          autoComplete="off"
          value={query}
          onChange={(event) => search(event.currentTarget.value)}
          onKeyDown={move}
        />
      </div>
      <Found id={id} entries={found} current={current} onHover={setAt} onTake={take} />
      {found.length === 0 && <p className={styles.nothing}>{t`Nothing here is called “${query}”.`}</p>}
      <div className={styles.foot} aria-hidden>
        <span>{t`↑↓ move`}</span>
        <span>{t`Enter choose`}</span>
        <span>{t`Esc close`}</span>
      </div>
    </div>
  )
}

interface FoundProps {
  id: string
  entries: readonly Entry[]
  current: number
  onHover: (at: number) => void
  onTake: (entry: Entry) => void
}

function Found({ id, entries, current, onHover, onTake }: FoundProps) {
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    list.current?.children[current]?.scrollIntoView({ block: 'nearest' })
  }, [current])
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- the options have icons, keys and reasons in them
    <div id={id} ref={list} className={styles.list} role="listbox" aria-label={t`What was found`}>
      {entries.map((entry, index) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field has the focus and hears the keys
        <div
          key={entry.key}
          id={`${id}-${index}`}
          className={styles.option}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
          role="option"
          aria-selected={index === current}
          aria-disabled={entry.why !== null}
          onMouseMove={() => index !== current && onHover(index)}
          onClick={() => onTake(entry)}
        >
          <entry.icon size={15} strokeWidth={1.7} aria-hidden />
          <span className={styles.title}>{entry.title}</span>
          {entry.why === null ? <span className={styles.detail}>{entry.detail}</span> : <span className={styles.why}>{entry.why}</span>}
          {entry.keys[0] !== undefined && <Kbd size="xs">{shownChord(entry.keys[0])}</Kbd>}
          <span className={styles.kind}>{entry.kind}</span>
        </div>
      ))}
    </div>
  )
}
