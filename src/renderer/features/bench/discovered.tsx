import { plural, t } from '@lingui/core/macro'
import type { DiscoveredBoard, DiscoveryNote, DiscoveryRoad } from '@contract/discovery.ts'
import { Button } from '@mantine/core'
import { Cable, CircleHelp, type LucideIcon, Network, Radio, Server } from 'lucide-react'
import { useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useDock } from '../../app/dock-state.ts'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import frame from '../../ui/card-frame.module.css'
import { StateWord } from '../../ui/state-word.tsx'
import styles from './discovered.module.css'
import { consoleOf, othersOf, provisionOf } from './discovered-words.ts'

/** Boards that were noticed: at a serial port, on the network, by whatever road; each of them once. As a strip it is one line while there is nothing. */
export function Discovered({ isStrip = false }: { isStrip?: boolean }) {
  const found = useLive('discovery.list', (engine, signal) => engine.discovery.list(undefined, { signal })).value
  const [hasAll, setAll] = useState(false)
  if (found === null) return null
  const likely = found.boards.filter(({ isLikely, isIgnored }) => isLikely && !isIgnored)
  const others = othersOf(found.boards)
  const shown = hasAll ? found.boards : likely
  const isEmpty = likely.length === 0
  const hasMore = others !== null || (isStrip && isEmpty)
  return (
    <section className={styles.section} data-strip={isStrip} aria-label={t`Discovered`}>
      <header className={styles.head}>
        <h2 className={styles.title}>{t`Discovered`}</h2>
        <span className="dim">{isEmpty ? t`No new board is noticed` : plural(likely.length, { one: '# board', other: '# boards' })}</span>
        {hasMore && (
          <Button size="compact-xs" variant="subtle" color="gray" aria-expanded={hasAll} onClick={() => setAll(!hasAll)}>
            {hasAll ? t`Less` : others === null ? t`Why?` : `${others}…`}
          </Button>
        )}
      </header>
      {(hasAll || !isStrip) && <Reasons notes={found.notes} isEmpty={isEmpty} />}
      {shown.length > 0 && (
        <ul className={styles.cards}>
          {shown.map((board) => (
            <Card key={board.ids[0]} board={board} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** Why there is nothing, or less than there might be. */
function Reasons({ notes, isEmpty }: { notes: readonly DiscoveryNote[]; isEmpty: boolean }) {
  return (
    <>
      {isEmpty && (
        <p
          className={styles.reason}
        >{t`A serial adapter that is plugged in, and a host that tells of SSH or Mender by mDNS, appear here.`}</p>
      )}
      {notes.map(({ text, remedy }) => (
        <p key={text} className={styles.reason}>
          <strong>{text}.</strong> {remedy}
        </p>
      ))}
    </>
  )
}

const ICONS: Readonly<Record<DiscoveryRoad, LucideIcon>> = { serial: Cable, mdns: Radio, neighbour: Network, server: Server }
const WORDS: Readonly<Record<DiscoveryRoad, string>> = { serial: t`serial`, mdns: 'mDNS', neighbour: t`neighbour`, server: t`on the bench` }

function Card({ board }: { board: DiscoveredBoard }) {
  const { name, roads, isIgnored, isLikely, ids, deviceId, addresses, macs } = board
  const places = [...addresses, ...macs].join(' · ')
  const machine = useMachine()
  const { askProvision, inspect } = useWindow()
  const { ask } = useDock()
  const ignore = useAction((engine) => engine.discovery.ignore({ ids, isIgnored: !isIgnored }))
  const provision = provisionOf(board)
  const preset = consoleOf(board)
  return (
    <li
      className={`${frame.card} ${styles.card}`}
      data-token={isIgnored || !isLikely ? 'neutral' : 'info'}
      data-frame="dashed"
      data-muted={isIgnored}
      aria-label={t`${name}, discovered`}
    >
      <span className={styles.name}>{name}</span>
      <StateWord word={isIgnored ? t`IGNORED` : t`DISCOVERED`} icon={CircleHelp} token={isIgnored || !isLikely ? 'neutral' : 'info'} />
      {places !== '' && (
        <span className={`mono ${styles.places}`} title={places}>
          {places}
        </span>
      )}
      <ul className={styles.roads}>
        {roads.map(({ road, place, detail }) => {
          const Icon = ICONS[road]
          return (
            <li key={`${road} ${place} ${detail}`}>
              <Icon size={13} aria-hidden />
              <span>{WORDS[road]}</span>
              <span className="mono">{road === 'server' ? name : place}</span>
              <span className="dim">{detail}</span>
            </li>
          )
        })}
      </ul>
      <footer className={styles.actions}>
        {machine !== null && provision !== null && deviceId === null && (
          <Button variant="default" onClick={() => askProvision(provision)}>
            {t`Provision…`}
          </Button>
        )}
        {preset !== null && (
          <Button variant="default" onClick={() => ask(preset)}>
            {t`Console`}
          </Button>
        )}
        {deviceId !== null && (
          <Button variant="default" onClick={() => inspect(deviceId)}>
            {t`Show the device`}
          </Button>
        )}
        <Button variant="subtle" color="gray" loading={ignore.isBusy} onClick={() => ignore.run()}>
          {isIgnored ? t`Show again` : t`Ignore`}
        </Button>
      </footer>
    </li>
  )
}
