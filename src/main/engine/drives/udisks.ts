import type { Host } from '../host.ts'

/** Why udisks opens no drives for this user; null when it can be asked to. Nobody is asked for a password. */
export async function udisksProblem({ programs }: Pick<Host, 'programs'>): Promise<string | null> {
  // It comes with the service.
  if ((await programs.find('udisksctl')) === null) return 'it is not installed'
  const [program = '', ...args] = programs.opener
  const { exitCode, stderr } = await programs.run(program, args)
  return exitCode === 0 ? null : (stderr.trim().split('\n').at(-1) ?? '')
}
