import { t } from '@lingui/core/macro'
import { EqualNot } from 'lucide-react'
import { useBoard } from '../../app/facts.tsx'
import { Facts, Label } from '../../ui/chip.tsx'
import { bytes } from '../../ui/format.ts'
import { Refusal } from '../../ui/refusal.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { claimedText, diskText, memoryText, seenText } from './board-words.ts'
import { BootVariables } from './boot-variables.tsx'

/** Of a virtual board: what is seen of it beside what it says, and what it has. */
export function BoardFacts({ name }: { name: string }) {
  const board = useBoard(name)
  if (board === undefined) return null
  const { failure, mismatch, ssh, terminalPath } = board
  return (
    <>
      <Label>{t`Virtual board`}</Label>
      {failure !== null && <Refusal failure={failure} />}
      <Facts
        rows={[
          [t`runs, seen on serial`, seenText(board)],
          [t`client says`, claimedText(board)],
          ...(mismatch === null ? [] : [['', <Mismatch key="mismatch" text={mismatch} />] as const]),
          [t`power`, board.isOn ? t`on, ${board.state}` : 'off'],
          [t`starts`, String(board.startCount)],
          [t`memory`, bytes(board.memoryBytes)],
          [t`memory with QEMU`, memoryText(board)],
          [t`on disk`, diskText(board)],
          ['SSH', `ssh -p ${ssh.port}${ssh.keyPath === null ? '' : ` -i ${ssh.keyPath}`} root@127.0.0.1`],
          [t`host key`, ssh.hostKey ?? t`not known`],
          [t`terminal`, terminalPath ?? (board.isOn ? t`none: socat is not installed` : t`none while it is off`)],
        ]}
      />
      <BootVariables board={board} />
    </>
  )
}

function Mismatch({ text }: { text: string }) {
  return (
    <>
      <StateWord word={t`MISMATCH`} icon={EqualNot} token="danger" /> {text}
    </>
  )
}
