import { t } from '@lingui/core/macro'
import { ActionIcon, TextInput } from '@mantine/core'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import styles from './console-dock.module.css'
import type { ConsoleTerminal } from './console-terminal.ts'

interface SearchBarProps {
  opened: ConsoleTerminal
  onEnd: () => void
}

/** Looks through what was printed. Enter goes back in time, Shift+Enter forward. */
export function SearchBar({ opened: { search, terminal }, onEnd }: SearchBarProps) {
  const [text, setText] = useState('')
  const [found, setFound] = useState<{ index: number; count: number } | null>(null)
  useEffect(() => {
    const listening = search.onDidChangeResults(({ resultIndex, resultCount }) => setFound({ index: resultIndex, count: resultCount }))
    return () => {
      listening.dispose()
      search.clearDecorations()
    }
  }, [search])
  const options = { decorations: decorations(terminal.options.theme) }
  const back = (): boolean => search.findPrevious(text, options)
  const forward = (): boolean => search.findNext(text, options)
  return (
    <search className={styles.search}>
      <TextInput
        type="search"
        aria-label={t`Search the console`}
        placeholder={t`Search`}
        w={220}
        data-autofocus
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it was opened to type into it
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          search.findPrevious(event.currentTarget.value, { ...options, incremental: true })
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onEnd()
          else if (event.key === 'Enter') (event.shiftKey ? forward : back)()
          else return
          event.stopPropagation()
        }}
      />
      <output className={styles.count}>{countText(text, found)}</output>
      <ActionIcon aria-label={t`Earlier`} disabled={text === ''} onClick={back}>
        <ChevronUp size={15} />
      </ActionIcon>
      <ActionIcon aria-label={t`Later`} disabled={text === ''} onClick={forward}>
        <ChevronDown size={15} />
      </ActionIcon>
      <ActionIcon aria-label={t`End the search`} onClick={onEnd}>
        <X size={15} />
      </ActionIcon>
    </search>
  )
}

function countText(text: string, found: { index: number; count: number } | null): string {
  if (text === '' || found === null) return ''
  if (found.count === 0) return t`Not found`
  return found.index < 0 ? t`${found.count} found` : t`${found.index + 1} of ${found.count}`
}

/** Borders, so that the text keeps its own colours and contrast. */
function decorations(theme: { foreground?: string; yellow?: string } | undefined) {
  const [ink, mark] = [theme?.foreground ?? '', theme?.yellow ?? '']
  return { matchBorder: mark, activeMatchBorder: ink, matchOverviewRuler: mark, activeMatchColorOverviewRuler: ink }
}
