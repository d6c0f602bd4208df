import type { Host, RunningProgram } from '../host.ts'

/**
 * Says the number of the process that it starts, then runs a program that ends with whoever holds the other end of its standard input, however that one ends: the kernel closes the pipe
 * also of a process that was killed.
 */
const LEASH = `exec 5<&0
"$@" </dev/null 5<&- & child=$!
echo "$child"
( exec 3<&- 4<&-; read -r _ <&5; kill -KILL "$child" ) & leash=$!
exec 5<&-
wait "$child"; code=$?
kill "$leash" 2>/dev/null
exit "$code"`

/** Starts a program that does not outlive this one. `endInput` kills it. */
export function startLeashed(
  { programs }: Pick<Host, 'programs'>,
  [name, ...args]: readonly [string, ...string[]],
  socketCount = 0,
): RunningProgram {
  return programs.start('sh', ['-c', LEASH, 'leash', name, ...args], { socketCount })
}

/** How it ended, once all that it says has been read. `onStarted` gets the number of its process. */
export async function endOf(
  program: RunningProgram,
  onStarted: (processId: string) => void = () => undefined,
): Promise<{ exitCode: number; stderr: string }> {
  let said = ''
  for await (const piece of program.output) {
    if (said.includes('\n')) continue
    said += Buffer.from(piece).toString()
    const [processId, rest] = said.split('\n')
    if (processId !== undefined && rest !== undefined) onStarted(processId)
  }
  const end = await program.ended
  for (const socket of program.sockets) socket.destroy()
  return end
}
