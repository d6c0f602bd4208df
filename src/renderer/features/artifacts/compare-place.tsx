import { t } from '@lingui/core/macro'
import type { Comparing } from '@contract/comparisons.ts'
import { Button } from '@mantine/core'
import { ArrowLeft, CircleAlert, Equal, GitCompare } from 'lucide-react'
import { useState } from 'react'
import { useArtifacts } from '../../app/facts.tsx'
import { useOffers } from '../../app/offers.ts'
import { shell } from '../../app/shell.ts'
import { useLive } from '../../app/use-live.ts'
import { type CompareSide, useWindow } from '../../app/window-state.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import { Empty } from '../../ui/empty.tsx'
import { useFileDrop } from '../../ui/file-drop.ts'
import { useFocusBack } from '../../ui/kept-focus.ts'
import { Place } from '../../ui/place.tsx'
import { CompareResult } from './compare-result.tsx'
import { CompareSides } from './compare-sides.tsx'
import styles from './compare.module.css'
import { MakeDelta } from './make-delta.tsx'

interface ComparePlaceProps {
  a: CompareSide | null
  b: CompareSide | null
}

/** Two artifacts side by side: the engine compares while this stands, and stops when it goes. */
export function ComparePlace({ a, b }: ComparePlaceProps) {
  const { showComparison } = useWindow()
  const artifacts = useArtifacts().value ?? []
  const [from, to] = [a, b].map((side) => artifacts.find(({ id }) => side !== null && 'id' in side && side.id === id))
  const [attempt, setAttempt] = useState(0)
  const { value, failure } = useComparison({ a, b }, attempt)
  const drop = useFileDrop((files) => {
    const [first, second] = files.map((file) => ({ path: shell?.pathOf(file) ?? '' })).filter(({ path }) => path !== '')
    if (first && second) showComparison({ a: first, b: second })
    else if (first) showComparison(a === null ? { a: first, b } : { a, b: first })
  })
  const close = (): void => showComparison(null)
  useOffers(() => ({ 'window.close': { run: close } }))
  useFocusBack()
  return (
    <Place
      title={t`Compare`}
      actions={
        <>
          {from !== undefined && to !== undefined && <MakeDelta from={from} to={to} />}
          <Button variant="default" leftSection={<ArrowLeft size={13} />} onClick={close}>
            {t`Back to the library`}
          </Button>
        </>
      }
    >
      <div className={styles.place} data-over={drop.isOver} {...(shell !== null && drop.handlers)}>
        <CompareSides a={a} b={b} onChange={showComparison} />
        {failure !== null ? (
          <Empty icon={CircleAlert} title={failure.message} text={failure.code === 'EXPANSION_LIMIT' ? EXPANSION_TEXT : failure.hint}>
            {failure.code === 'EXPANSION_LIMIT' ? (
              <Button variant="default" onClick={() => showComparison({ a: expanding(a), b: expanding(b) })}>
                {t`Compare anyway`}
              </Button>
            ) : (
              <Button variant="default" onClick={() => setAttempt(attempt + 1)}>
                {t`Try again`}
              </Button>
            )}
          </Empty>
        ) : a === null || b === null ? (
          <Empty
            icon={GitCompare}
            title={t`Choose two artifacts`}
            text={t`Header, provides, depends, state scripts and payload are compared, and the files inside ext2, 3 and 4 images.`}
          />
        ) : value?.state === 'done' ? (
          <Answer answer={value} />
        ) : (
          <Progress value={value} onCancel={() => showComparison({ a, b: null })} />
        )}
      </div>
    </Place>
  )
}

const EXPANSION_TEXT = t`An almost empty image does that, and so does a file made to fill the disk.`

/** The same, allowed to expand as far as it likes. */
function expanding(side: CompareSide | null): CompareSide | null {
  return side !== null && 'path' in side ? { ...side, allowExpansion: true } : side
}

function useComparison({ a, b }: ComparePlaceProps, attempt: number) {
  const key = a === null || b === null ? null : `comparisons ${JSON.stringify([a, b])} ${attempt}`
  return useLive<Comparing>(key, (engine, signal) => {
    if (a === null || b === null) throw new Error('There is nothing to compare')
    return 'id' in a && 'id' in b
      ? engine.comparisons.ofLibrary({ a: a.id, b: b.id }, { signal })
      : engine.comparisons.ofFiles({ a, b }, { signal })
  })
}

function Answer({ answer }: { answer: Extract<Comparing, { state: 'done' }> }) {
  if (answer.comparison.isSame)
    return (
      <Empty
        icon={Equal}
        title={t`The same content`}
        text={t`Header, scripts and payload of both are identical. What may differ is packing: times, order, and the level of compression.`}
      />
    )
  return <CompareResult answer={answer} />
}

const STEPS = { 'read-a': t`Reading the first`, 'read-b': t`Reading the second`, files: t`Comparing files` } as const

function Progress({ value, onCancel }: { value: Extract<Comparing, { state: 'running' }> | null; onCancel: () => void }) {
  const label = STEPS[value?.step ?? 'read-a']
  return (
    <div className={styles.progress}>
      <p>
        {label}
        {value?.step === 'files' && <span className="figures">{t`, ${value.done} of about ${value.total}`}</span>}
      </p>
      {value === null || value.step === 'files' ? (
        <WaitBar label={label} />
      ) : (
        <ByteBar doneBytes={value.done} totalBytes={value.total} label={label} />
      )}
      <Button variant="default" onClick={onCancel}>
        {t`Cancel`}
      </Button>
    </div>
  )
}
