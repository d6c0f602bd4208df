import { t } from '@lingui/core/macro'
import type { Board, BoardState } from '@contract/boards.ts'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { Ellipsis, PowerOff, SquareTerminal, Trash2, TriangleAlert, Zap } from 'lucide-react'
import { useState } from 'react'
import { useBoards } from '../../app/facts.tsx'
import { May } from '../../app/may.tsx'
import frame from '../../ui/card-frame.module.css'
import type { StateLook } from '../../ui/card-states.ts'
import { Chip } from '../../ui/chip.tsx'
import { Refusal } from '../../ui/refusal.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { PowerItems } from './board-items.tsx'
import { diskText, memoryText, seenText } from './board-words.ts'
import styles from './lone-boards.module.css'
import { RemoveBoard } from './remove-board.tsx'
import { useBoardActions } from './use-board-actions.ts'

/** Virtual boards that no client has made a device of the bench: card images that are tried. */
export function useLoneBoards(): readonly Board[] {
  return (useBoards().value ?? []).filter(({ claimed }) => claimed === null)
}

/** Below the devices; with none, they are all that is there. */
export function LoneBoards({ isAlone }: { isAlone: boolean }) {
  const boards = useLoneBoards()
  if (boards.length === 0) return null
  return (
    <section className={styles.section} data-alone={isAlone} aria-label={t`Tried images`}>
      <header className={styles.head}>
        <h2 className={styles.title}>{t`Tried images`}</h2>
        <span className="dim">{t`No Mender client has asked to join from them yet`}</span>
      </header>
      <ul className={styles.cards}>
        {boards.map((board) => (
          <LoneBoard key={board.name} board={board} />
        ))}
      </ul>
    </section>
  )
}

const OFF: StateLook = { word: t`OFF`, icon: PowerOff, token: 'neutral', frame: 'dashed' }
const ON: StateLook = { word: t`ON`, icon: Zap, token: 'info', frame: 'solid' }
const STUCK: StateLook = { word: t`STOPPED`, icon: TriangleAlert, token: 'danger', frame: 'double' }
const LOOKS: Partial<Record<BoardState, StateLook>> = { off: OFF, failed: STUCK, panicked: STUCK, halted: STUCK }

const STATES: Readonly<Record<BoardState, string>> = {
  off: '',
  dark: t`nothing on its console yet`,
  loader: t`the boot loader speaks`,
  kernel: t`its kernel starts`,
  init: t`its services start`,
  up: t`it asks for a login`,
  panicked: t`its kernel gave up`,
  restarting: t`it restarts`,
  halted: t`it has switched itself off`,
  failed: t`it does not start`,
}

function LoneBoard({ board }: { board: Board }) {
  const { name, state, failure, tail, seen } = board
  const look = LOOKS[state] ?? ON
  const act = useBoardActions()
  return (
    <li
      className={`${frame.card} ${styles.card}`}
      data-token={look.token}
      data-frame={look.frame}
      aria-label={`${name}, ${look.word.toLowerCase()}`}
    >
      <header className={styles.name}>
        <strong>{name}</strong>
        <Chip title={t`A virtual board: a real system in QEMU`}>{t`virtual`}</Chip>
        <LoneMenu board={board} />
      </header>
      <div className={styles.state}>
        <StateWord {...look} />
        <span>{seen === null ? STATES[state] : t`${STATES[state]}, runs ${seenText(board)}`}</span>
      </div>
      {failure !== null && <Refusal failure={failure} className={styles.problem} />}
      <p className={styles.takes}>{t`Memory: ${memoryText(board)}. On disk: ${diskText(board)}.`}</p>
      <pre className={styles.tail} aria-label={t`Console`}>
        {tail.join('\n') || t`nothing yet`}
      </pre>
      <footer className={styles.actions}>
        <May group="consoles">
          <Button variant="default" leftSection={<SquareTerminal size={13} />} disabled={!board.isOn} onClick={() => act('console', board)}>
            {t`Console`}
          </Button>
        </May>
      </footer>
    </li>
  )
}

function LoneMenu({ board }: { board: Board }) {
  const [isRemoving, setRemoving] = useState(false)
  const { name } = board
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={t`More for ${name}`} ml="auto">
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <May group="boards">
            <PowerItems board={board} />
            <Menu.Divider />
            <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => setRemoving(true)}>
              {t`Remove virtual board…`}
            </Menu.Item>
          </May>
        </Menu.Dropdown>
      </Menu>
      <RemoveBoard name={name} isOpen={isRemoving} onClose={() => setRemoving(false)} />
    </>
  )
}
