import { AppError } from '../../contract/errors.ts'
import { type Run, note } from './run.ts'
import { boardFailure, quoted } from './shell.ts'

const INSTALL_MS = 30 * 60_000
const APT = 'DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold'
const INSTALLED = "dpkg-query -W -f '${Package}\\t${Version}\\t${db:Status-Abbrev}\\n' | grep 'ii ' | sort"
const EXAMPLES = '/usr/share/doc/mender-client/examples'

/** Installs the Mender client where there is none. */
export async function provideClient(run: Run): Promise<void> {
  const { facts, resolved } = run
  const { apt } = resolved.recipe.client
  if (facts.clientVersion !== null) note(run, `the Mender client ${facts.clientVersion} is there`, false)
  else if (resolved.packages.length > 0) await installPackages(run)
  else if (apt.length > 0) await installFromApt(run, apt)
  await provideInventory(run)
}

async function installPackages(run: Run): Promise<void> {
  const { board, facts, resolved, job } = run
  if (!facts.hasDpkg) throw noPackages(board.name, facts.system)
  const paths: string[] = []
  for (const [index, { name, content }] of resolved.packages.entries()) {
    job.progress(index, resolved.packages.length, 'items')
    paths.push(await board.upload(content, name))
  }
  const words = paths.map(quoted).join(' ')
  await install(run, facts.hasApt ? `${APT} install ${words}` : `dpkg --force-confold -i ${words}`)
}

async function installFromApt(run: Run, names: readonly string[]): Promise<void> {
  const { board, facts } = run
  if (!facts.hasApt) throw noPackages(board.name, facts.system)
  await install(run, `${APT} update && ${APT} install ${names.map(quoted).join(' ')}`)
}

async function install(run: Run, command: string): Promise<void> {
  const { board, undoing } = run
  const before = await listed(run)
  let added: string[] = []
  undoing.add('installed packages', async (again) => {
    if (added.length === 0) added = newOnes(before, await again.ask('Cannot list packages', INSTALLED))
    const names = added.map((line) => quoted(line.split('\t')[0] ?? ''))
    const result = names.length === 0 ? null : await again.run(`dpkg --purge ${names.join(' ')}`)
    if (result !== null && result.exitCode !== 0) throw boardFailure('dpkg', result)
  })
  const result = await board.run(command, { timeoutMs: INSTALL_MS })
  added = newOnes(before, (await listed(run)).join('\n'))
  if (result.exitCode !== 0) throw boardFailure(`Cannot install the Mender client on ${board.name}`, withoutProgress(result))
  const names = added.map((line) => line.split('\t').slice(0, 2).join(' '))
  note(run, `installed ${names.join(', ')}`, true)
  run.facts.clientVersion = added.find((line) => line.startsWith('mender'))?.split('\t')[1] ?? null
}

/** What apt says of a failure begins with E:. */
function withoutProgress(result: { exitCode: number; stdout: string; stderr: string }) {
  const errors = result.stderr.split('\n').filter((line) => /^E: |No space left|^dpkg: error/.test(line))
  return errors.length === 0 ? result : { ...result, stderr: errors.join('\n') }
}

async function listed({ board }: Run): Promise<string[]> {
  return (await board.ask('Cannot list packages', INSTALLED)).split('\n')
}

function newOnes(before: readonly string[], after: string): string[] {
  const known = new Set(before.map((line) => line.split('\t')[0]))
  return after.split('\n').filter((line) => line.includes('\t') && !known.has(line.split('\t')[0]))
}

/** Debian's package has the inventory scripts as examples only: without them a server hears nothing of the board. */
async function provideInventory(run: Run): Promise<void> {
  const { board, undoing } = run
  const folder = '/usr/share/mender/inventory'
  const script = `cd ${EXAMPLES} 2>/dev/null || exit 0
mkdir -p ${folder}
[ -z "$(ls ${folder})" ] || exit 0
for name in mender-inventory-*; do
  case $name in *.gz|*-geo|*-provides|*-bootloader-integration) continue;; esac
  cp "$name" ${folder}/ && chmod 755 ${folder}/"$name" && echo "$name"
done`
  const names = (await board.ask('Cannot place inventory scripts', script)).split('\n').filter((name) => name !== '')
  if (names.length === 0) return
  undoing.add('inventory scripts', async (again) => {
    await again.ask('Cannot remove them', `cd ${folder} && rm -f ${names.map(quoted).join(' ')}`)
  })
  note(run, `placed ${names.length} inventory scripts`, true)
}

function noPackages(name: string, system: string): AppError {
  return new AppError(
    'TOOL_MISSING',
    `${name} (${system || 'unknown system'}) has no Mender client, and no apt or dpkg to install one`,
    'Build the client into its image, or seed the image.',
  )
}
