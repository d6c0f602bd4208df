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
      <Label>Virtual board</Label>
      {failure !== null && <Refusal failure={failure} />}
      <Facts
        rows={[
          ['runs, seen on serial', seenText(board)],
          ['client says', claimedText(board)],
          ...(mismatch === null ? [] : [['', <Mismatch key="mismatch" text={mismatch} />] as const]),
          ['power', board.isOn ? `on, ${board.state}` : 'off'],
          ['starts', String(board.startCount)],
          ['memory', bytes(board.memoryBytes)],
          ['memory with QEMU', memoryText(board)],
          ['on disk', diskText(board)],
          ['SSH', `ssh -p ${ssh.port}${ssh.keyPath === null ? '' : ` -i ${ssh.keyPath}`} root@127.0.0.1`],
          ['host key', ssh.hostKey ?? 'not known'],
          ['terminal', terminalPath ?? (board.isOn ? 'none: socat is not installed' : 'none while it is off')],
        ]}
      />
      <BootVariables board={board} />
    </>
  )
}

function Mismatch({ text }: { text: string }) {
  return (
    <>
      <StateWord word="MISMATCH" icon={EqualNot} token="danger" /> {text}
    </>
  )
}
