import { t } from '@lingui/core/macro'
import { Button, SegmentedControl } from '@mantine/core'
import { Pause, Play } from 'lucide-react'
import { useRef, useState } from 'react'
import { span } from '../../ui/format.ts'
import styles from './session-player.module.css'
import { usePlayback, usePlayhead } from './use-playback.ts'

const STEP_MS = 100
const SPEEDS = ['1', '2', '8']

/** Plays a recording, at another speed or from another moment as wanted. */
export default function SessionPlayer({ cast }: { cast: string }) {
  const place = useRef<HTMLDivElement>(null)
  const [speed, setSpeed] = useState('1')
  const playback = usePlayback(cast, place)
  const { atMs, isPlaying, isOver, seek, toggle } = usePlayhead(playback, Number(speed))
  const { endMs } = playback
  const lastMs = Math.max(STEP_MS, Math.ceil(endMs / STEP_MS) * STEP_MS)
  return (
    <div className={styles.player}>
      <div ref={place} className={styles.screen} />
      <div className={styles.controls}>
        <Button data-autofocus leftSection={isPlaying ? <Pause size={13} /> : <Play size={13} />} onClick={toggle}>
          {isPlaying ? t`Pause` : isOver ? t`Play again` : t`Play`}
        </Button>
        <input
          type="range"
          className={styles.range}
          aria-label={t`Moment`}
          aria-valuetext={t`${span(atMs)} of ${span(endMs)}`}
          min={0}
          max={lastMs}
          step={STEP_MS}
          value={isOver ? lastMs : Math.round(atMs)}
          onChange={(event) => seek(Number(event.currentTarget.value))}
        />
        <span className="figures">
          {span(atMs)} / {span(endMs)}
        </span>
        <SegmentedControl
          size="xs"
          aria-label={t`Speed`}
          data={SPEEDS.map((value) => ({ value, label: `${value} ×` }))}
          value={speed}
          onChange={setSpeed}
        />
      </div>
    </div>
  )
}
