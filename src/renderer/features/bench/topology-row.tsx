import { plural, t } from '@lingui/core/macro'
import type { DiscoveredBoard } from '@contract/discovery.ts'
import type { PlaceKind } from '@contract/topology.ts'
import { ActionIcon, Button } from '@mantine/core'
import {
  Cable,
  ChevronDown,
  ChevronRight,
  CircleHelp,
  CircuitBoard,
  FlaskConical,
  HardDrive,
  type LucideIcon,
  Network,
  Plug,
  Split,
  Usb,
} from 'lucide-react'
import { useMachine } from '../../app/machine.ts'
import { useDock } from '../../app/dock-state.ts'
import { useWindow } from '../../app/window-state.ts'
import { bytes } from '../../ui/format.ts'
import type { PlaceRow } from './bench-rows.ts'
import { useBench } from './bench-state.ts'
import { consoleOf, provisionOf } from './discovered-words.ts'
import styles from './topology-row.module.css'
import { indentOf } from './topology-rows.ts'

const ICONS: Readonly<Record<PlaceKind, LucideIcon>> = {
  usb: Usb,
  hub: Split,
  adapter: Plug,
  ports: Cable,
  serial: Cable,
  drives: HardDrive,
  drive: HardDrive,
  network: Network,
  board: CircuitBoard,
  virtual: FlaskConical,
  unknown: CircleHelp,
}

interface TopologyRowProps {
  row: PlaceRow
  index: number
  /** The board that was noticed there. */
  board: DiscoveredBoard | undefined
}

/** What devices, or other places, hang on: a hub, a port, a drive, a network. */
export function TopologyRow({ row: { place, level, isOpen, count }, index, board }: TopologyRowProps) {
  const fold = useBench((state) => state.fold)
  const { kind, name, detail, sizeBytes } = place
  const [Icon, Fold] = [ICONS[kind], isOpen === true ? ChevronDown : ChevronRight]
  const facts = [detail, sizeBytes === null ? '' : bytes(sizeBytes), board === undefined ? '' : t`no device yet`]
  return (
    <div
      className={styles.row}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/interactive-supports-focus -- as the devices below it
      role="row"
      aria-level={level}
      aria-rowindex={index + 2}
      aria-expanded={isOpen ?? undefined}
      data-place={kind}
    >
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as the row */}
      <span role="gridcell" className={styles.what} style={{ paddingLeft: indentOf(level) }}>
        {isOpen === null ? (
          <span className={styles.leaf} />
        ) : (
          <ActionIcon size={22} aria-label={`${isOpen ? t`Fold` : t`Unfold`} ${name}`} onClick={() => fold(place.id)}>
            <Fold size={14} />
          </ActionIcon>
        )}
        <Icon size={14} aria-hidden />
        <span className={styles.name} title={name}>
          {name}
        </span>
        <span className={styles.detail}>{facts.filter((fact) => fact !== '').join(' · ')}</span>
        {count > 0 && (isOpen === false || count > 1) && (
          <span className={styles.count}>{plural(count, { one: '# device', other: '# devices' })}</span>
        )}
      </span>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as the row */}
      <span role="gridcell" className={styles.actions}>
        {kind === 'drive' && <FlashButton name={name} />}
        {board !== undefined && <BoardButtons board={board} />}
      </span>
    </div>
  )
}

/** Nothing is chosen there beforehand: a card is erased by who ticks it. */
function FlashButton({ name }: { name: string }) {
  const go = useWindow((state) => state.go)
  return (
    <Button size="compact-xs" variant="default" aria-label={t`Flash ${name}`} onClick={() => go('flash')}>
      {t`Flash…`}
    </Button>
  )
}

function BoardButtons({ board }: { board: DiscoveredBoard }) {
  const machine = useMachine()
  const askProvision = useWindow((state) => state.askProvision)
  const ask = useDock((state) => state.ask)
  const [provision, preset] = [provisionOf(board), consoleOf(board)]
  return (
    <>
      {machine !== null && provision !== null && (
        <Button size="compact-xs" variant="default" aria-label={t`Provision ${board.name}`} onClick={() => askProvision(provision)}>
          {t`Provision…`}
        </Button>
      )}
      {preset !== null && (
        <Button size="compact-xs" variant="default" aria-label={t`Console of ${board.name}`} onClick={() => ask(preset)}>
          {t`Console`}
        </Button>
      )}
    </>
  )
}
