import type { Host, RunningProgram } from '../host.ts'

/**
 * Runs a program that ends with whoever holds the other end of its standard input, however that one ends: the kernel closes the pipe
 * also of a process that was killed.
 */
const LEASH = `exec 5<&0
"$@" </dev/null 5<&- & child=$!
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

/** How it ended, once all that it says has been read. */
export async function endOf(program: RunningProgram): Promise<{ exitCode: number; stderr: string }> {
  for await (const _ of program.output);
  const end = await program.ended
  for (const socket of program.sockets) socket.destroy()
  return end
}
