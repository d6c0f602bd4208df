import { t } from '@lingui/core/macro'
import type { Change, Comparing } from '@contract/comparisons.ts'
import { Checkbox, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { DiffLines } from '../../ui/diff-lines.tsx'
import { Facts } from '../../ui/chip.tsx'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { Sign } from './compare-sign.tsx'
import { CHANGES, fileFactRows, fileWords, type ImageFile, imageFiles } from './compare-words.ts'
import styles from './compare.module.css'

interface CompareFilesProps {
  answer: Extract<Comparing, { state: 'done' }>
  /** Why an image could not be compared. */
  why: string | null
}

const KINDS: readonly Change[] = ['added', 'removed', 'changed']

/** The files inside the images that differ: thousands of them can be searched, and one can be looked into. */
export function CompareFiles({ answer, why }: CompareFilesProps) {
  const files = imageFiles(answer.comparison)
  const [query, setQuery] = useState('')
  const [hidden, setHidden] = useState<readonly Change[]>([])
  const [key, setKey] = useState<string | null>(null)
  const wanted = useDeferredValue(query.toLowerCase())
  const shown = files.filter((file) => !hidden.includes(file.change) && file.key.toLowerCase().includes(wanted))
  const selected = shown.find((file) => file.key === key) ?? shown[0]
  if (why !== null && files.length === 0) return <p className={styles.nothing}>{t`The files in the payload cannot be compared: ${why}.`}</p>
  if (files.length === 0) return <p className={styles.nothing}>{noFiles(answer)}</p>
  return (
    <div className={styles.files}>
      <div className={styles.tools}>
        <TextInput
          type="search"
          aria-label={t`Search the files`}
          placeholder={t`Search by path`}
          w={260}
          leftSection={<Search size={13} aria-hidden />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        {KINDS.map((kind) => (
          <Checkbox
            key={kind}
            size="xs"
            label={`${files.filter(({ change }) => change === kind).length} ${CHANGES[kind].word}`}
            checked={!hidden.includes(kind)}
            onChange={() => setHidden(hidden.includes(kind) ? hidden.filter((each) => each !== kind) : [...hidden, kind])}
          />
        ))}
        <span className={styles.count}>{rest(answer)}</span>
      </div>
      <div className={styles.split}>
        <VirtualList
          label={t`Files that differ`}
          items={shown}
          rowHeight={30}
          keyOf={(file) => file.key}
          selectedKey={selected?.key ?? null}
          onSelect={(file) => setKey(file.key)}
        >
          {(file) => (
            <div className={styles.file}>
              <Sign change={file.change} />
              <span className={styles.path} title={file.key}>
                {file.key}
              </span>
              <span className={styles.words}>{fileWords(file)}</span>
            </div>
          )}
        </VirtualList>
        {selected === undefined ? <p className={styles.nothing}>{t`No file fits.`}</p> : <FileDetail key={selected.key} file={selected} />}
      </div>
    </div>
  )
}

function FileDetail({ file }: { file: ImageFile }) {
  return (
    <div className={styles.detail}>
      <h2 className={styles.detailTitle}>{file.key}</h2>
      <div className={styles.detailFacts}>
        <Facts rows={fileFactRows(file)} />
      </div>
      {file.lines && file.lines.length > 0 && <DiffLines lines={file.lines} label={t`How ${file.path} differs`} />}
    </div>
  )
}

function noFiles({ timeOnlyCount, comparison }: CompareFilesProps['answer']): string {
  if (timeOnlyCount > 0) return t`${timeOnlyCount} files differ in nothing but their time of change.`
  return comparison.payload.length === 0 ? t`The payload is the same.` : t`The payload is no ext2, 3 or 4 image on both sides.`
}

function rest({ timeOnlyCount, unlistedCount }: CompareFilesProps['answer']): string {
  return [
    unlistedCount > 0 ? t`${unlistedCount} more are not listed` : '',
    timeOnlyCount > 0 ? t`${timeOnlyCount} more differ only in their time` : '',
  ]
    .filter((text) => text !== '')
    .join('; ')
}
