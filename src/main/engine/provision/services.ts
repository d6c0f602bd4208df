import { AppError } from '../../contract/errors.ts'
import type { Board } from './board.ts'
import { type Run, note } from './run.ts'
import { quoted } from './shell.ts'

interface ServiceState {
  name: string
  isEnabled: boolean
  isActive: boolean
}

/** Whether init itself runs the service $n, and runs it again whenever it ends. */
const IS_KEPT = String.raw`grep -qE "^[^#]*:respawn:.*/init\.d/$n( .*)?$" /etc/inittab 2>/dev/null`

/** How the services of the recipe are now; a service that is not there yet is off. */
export async function lookAtServices({ board, resolved, facts }: Run): Promise<ServiceState[]> {
  const names = resolved.recipe.services.enable
  if (names.length === 0) return []
  const look = facts.hasSystemd
    ? `e=$(systemctl is-enabled "$n" 2>/dev/null); a=$(systemctl is-active "$n" 2>/dev/null); echo "$e $a"`
    : `e=disabled; a=inactive
if ${IS_KEPT}; then e=enabled; a=active; else
  ls /etc/rc[2-5].d/S*"$n" >/dev/null 2>&1 && e=enabled
  [ -x /etc/init.d/"$n" ] && /etc/init.d/"$n" status >/dev/null 2>&1 && a=active
fi
echo "$e $a"`
  const output = await board.ask('Cannot look at services', `for n in ${names.map(quoted).join(' ')}; do ${look}; done`)
  const lines = output.split('\n')
  return names.map((name, index) => {
    const [enabled, active] = lines[index]?.split(' ') ?? []
    return { name, isEnabled: enabled === 'enabled', isActive: active === 'active' }
  })
}

/** Starts what is not running, and starts anew what runs with a configuration that has changed. */
export async function provideServices(run: Run, before: readonly ServiceState[]): Promise<void> {
  const { board, undoing, outcome, facts } = run
  const hasChanged = outcome.changed.length > 0
  for (const { name, isEnabled, isActive } of await lookAtServices(run)) {
    if (isEnabled && isActive && !hasChanged) {
      note(run, `${name} runs`, false)
      continue
    }
    const was = before.find((each) => each.name === name)
    undoing.add(`the service ${name}`, (again) => putServiceBack(again, { name, was, hasSystemd: facts.hasSystemd }))
    await board.ask(`Cannot start ${name}`, facts.hasSystemd ? startBySystemd(name) : startByInit(name))
    note(run, `${isActive ? 'started anew' : 'started'} ${name}`, true)
  }
}

function startBySystemd(name: string): string {
  return `systemctl daemon-reload; systemctl enable ${quoted(name)} 2>&1 && systemctl restart ${quoted(name)}`
}

function startByInit(name: string): string {
  const file = quoted(`/etc/init.d/${name}`)
  return `[ -x ${file} ] || { echo "there is no systemd, and no /etc/init.d/${name}" >&2; exit 1; }
if command -v update-rc.d >/dev/null; then update-rc.d ${quoted(name)} defaults; fi
${file} restart`
}

async function putServiceBack(
  board: Board,
  { name, was, hasSystemd }: { name: string; was: ServiceState | undefined; hasSystemd: boolean },
): Promise<void> {
  const word = quoted(name)
  const off = hasSystemd
    ? [...(was?.isActive ? [] : [`systemctl stop ${word}`]), ...(was?.isEnabled ? [] : [`systemctl disable ${word} 2>&1`])]
    : [...(was?.isActive ? [] : [`/etc/init.d/${word} stop`]), ...(was?.isEnabled ? [] : [`update-rc.d ${word} remove`])]
  for (const command of off) await board.ask(`Cannot put ${name} back`, command)
}

/** Services that ran before run with the old files again, once these are back. */
export async function startAnew(board: Board, before: readonly ServiceState[], hasSystemd: boolean): Promise<void> {
  for (const { name } of before.filter(({ isActive }) => isActive)) {
    const { exitCode } = await board.run(hasSystemd ? `systemctl restart ${quoted(name)}` : `/etc/init.d/${quoted(name)} restart`)
    if (exitCode !== 0) throw new AppError('INTERRUPTED', `${name} does not start again`, 'Start it by hand on the board.')
  }
}
