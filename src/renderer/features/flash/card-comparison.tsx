import { plural, t } from '@lingui/core/macro'
import type { CardComparing } from '@contract/images.ts'
import { Button } from '@mantine/core'
import { Check, EqualNot, GitCompare } from 'lucide-react'
import { useState } from 'react'
import { useLive } from '../../app/use-live.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import { Label } from '../../ui/chip.tsx'
import { bytes } from '../../ui/format.ts'
import { Refusal } from '../../ui/refusal.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import styles from './flash.module.css'
import { fileName } from './partition-words.ts'
import { usePickImage } from './use-pick-image.ts'

interface Wanted {
  image: string
  attempt: number
}

/** Whether a card holds an image that is chosen; what lies in free space does not matter. */
export function CardComparison({ card }: { card: string }) {
  const [wanted, setWanted] = useState<Wanted | null>(null)
  const pick = usePickImage(t`Compare with an image`, (image) => setWanted({ image, attempt: (wanted?.attempt ?? 0) + 1 }))
  return (
    <>
      <Label>{t`Compare`}</Label>
      <Button variant="default" leftSection={<GitCompare size={13} />} onClick={pick}>
        {t`Compare with an image…`}
      </Button>
      {wanted !== null && <Comparison key={wanted.attempt} card={card} {...wanted} onCancel={() => setWanted(null)} />}
    </>
  )
}

function Comparison({ card, image, attempt, onCancel }: Wanted & { card: string; onCancel: () => void }) {
  const { value, failure } = useLive<CardComparing>(`images.compare ${card} ${image} ${attempt}`, (engine, signal) =>
    engine.images.compare({ card, image }, { signal }),
  )
  if (value?.state === 'done') return <Answer answer={value} image={fileName(image)} />
  if (failure !== null) return <Refusal failure={failure} className={styles.warning} />
  return (
    <div className={styles.pair}>
      {value === null ? <WaitBar label={t`Comparing`} /> : <ByteBar {...value} label={t`Comparing`} />}
      <Button variant="default" onClick={onCancel}>
        {t`Cancel`}
      </Button>
    </div>
  )
}

type Done = Extract<CardComparing, { state: 'done' }>

function Answer({ answer: { comparedBytes, differentBytes, placeCount, places, partitions }, image }: { answer: Done; image: string }) {
  if (differentBytes === 0)
    return (
      <p className={styles.line}>
        <StateWord word={t`THE SAME`} icon={Check} token="ok" /> {t`It holds ${image}: ${bytes(comparedBytes)} compared.`}
      </p>
    )
  return (
    <>
      <p className={styles.line}>
        <StateWord word={t`DIFFERS`} icon={EqualNot} token="attention" />{' '}
        {t`${bytes(differentBytes)} of ${bytes(comparedBytes)} are not those of ${image}, in ${plural(placeCount, { one: '# place', other: '# places' })}.`}
      </p>
      <ul className={styles.recents}>
        {partitions.map(({ number, differentBytes: count }) => (
          <li key={number}>
            {number === 0 ? t`outside of partitions` : t`partition ${number}`}: {bytes(count)}
          </li>
        ))}
      </ul>
      <details className={styles.refused}>
        <summary>{t`Places`}</summary>
        <ul className={styles.recents}>
          {places.map(({ startBytes, endBytes }) => (
            <li key={startBytes} className="figures">
              {t`bytes ${startBytes} to ${endBytes - 1}`}
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}
