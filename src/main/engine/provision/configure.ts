import { AppError } from '../../contract/errors.ts'
import type { BoardFile } from './board.ts'
import { type DeviceKey, deviceKeyOf, makeDeviceKey, publicHalf } from './device-key.ts'
import { IDENTITY_SCRIPT, identityScript, isOurs, parseIdentity } from './identity.ts'
import { DATA_FOLDER, SYSTEM_CONF, overruled, withSettings } from './mender-conf.ts'
import { type Run, note } from './run.ts'
import { quoted } from './shell.ts'

const KEY_FILE = `${DATA_FOLDER}/mender-agent.pem`
const CA_FILE = `${DATA_FOLDER}/server.crt`
const CONF_FILE = `${DATA_FOLDER}/mender.conf`

function file(to: string, content: string | Uint8Array, mode = '0644'): BoardFile {
  return { to, mode, owner: 'root:root', content: typeof content === 'string' ? Buffer.from(content) : content }
}

/** Puts files that are not as they have to be. */
export async function putFiles(run: Run, files: readonly BoardFile[]): Promise<void> {
  const { board, job } = run
  const differing = await board.differing(files)
  for (const [index, each] of files.entries()) {
    job.progress(index, files.length, 'items')
    const isDifferent = differing.includes(each)
    if (isDifferent) await board.put(each)
    note(run, isDifferent ? `wrote ${each.to}` : each.to, isDifferent)
  }
}

/** The file as it is on the board; empty where there is none. */
async function textOf({ board }: Run, path: string): Promise<string> {
  return board.ask(`Cannot read ${path}`, `[ ! -e ${quoted(path)} ] || cat ${quoted(path)}`)
}

/** Debian's package links the folder to a data partition that a board need not have. Says what its mode was, where that changes. */
const MAKE_DATA_FOLDER = `d=${DATA_FOLDER}
[ -d $d ] || if [ -L $d ]; then mkdir -p "$(readlink $d)"; else mkdir -p $d; fi
m=$(stat -c %a $d/.)
[ "$m" = 700 ] || { chmod 700 $d/. && echo "$m"; }`

async function provideDataFolder({ board, undoing }: Run): Promise<void> {
  const mode = (await board.ask(`Cannot make ${DATA_FOLDER}`, MAKE_DATA_FOLDER)).trim()
  if (mode !== '')
    undoing.add(`the mode of ${DATA_FOLDER}`, async (again) => void (await again.ask('chmod', `chmod ${mode} ${DATA_FOLDER}/.`)))
}

export async function provideIdentity(run: Run): Promise<void> {
  const { board, resolved, outcome } = run
  await provideDataFolder(run)
  const { identity } = resolved.recipe
  if (identity !== undefined) {
    await putIdentity(run, identityScript(identity, await allocate(run)))
    outcome.identity = parseIdentity(await board.ask('The identity script fails', IDENTITY_SCRIPT))
    const empty = Object.keys(identity).filter((name) => (outcome.identity[name] ?? '') === '')
    if (empty.length > 0)
      throw new AppError('VERIFY_FAILED', `${board.name} does not say its ${empty.join(', ')}`, 'Correct where the recipe reads it from.')
  } else outcome.identity = parseIdentity(await board.ask('The identity script fails', `[ ! -x ${IDENTITY_SCRIPT} ] || ${IDENTITY_SCRIPT}`))
  await provideKey(run)
}

/** Where its place is read-only, the script that is there will do if it says the same. */
async function putIdentity(run: Run, script: string): Promise<void> {
  try {
    await putFiles(run, [file(IDENTITY_SCRIPT, script, '0755')])
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'PERMISSION') throw thrown
    const compared = await run.board.run(`[ "$(${IDENTITY_SCRIPT} </dev/null)" = "$(sh)" ]`, { input: Buffer.from(script) })
    if (compared.exitCode !== 0) throw thrown
    note(run, IDENTITY_SCRIPT, false)
  }
}

/** A number for each series of the identity: the one that the board has already, else the next one. */
async function allocate(run: Run): Promise<Record<string, string>> {
  const { resolved, ledger, undoing, facts } = run
  const found = await textOf(run, IDENTITY_SCRIPT)
  const has = isOurs(found) ? parseIdentity(await run.board.ask('The identity script fails', IDENTITY_SCRIPT)) : {}
  const allocated: Record<string, string> = {}
  for (const [name, source] of Object.entries(resolved.recipe.identity ?? {})) {
    if (typeof source !== 'object' || !('series' in source)) continue
    const given = ledger.given(source.series, has[name] ?? '')
    // A card that was copied brings another board's number with it.
    if (given?.board === facts.mac) {
      allocated[name] = given.value
      continue
    }
    const number = ledger.hold(source, facts.mac)
    // A board out of reach may still go by it.
    undoing.addHere(`the number ${number.value}`, async (isReached) =>
      ledger.end(number, source.whenFailed === 'give-again' && isReached ? 'free' : 'void'),
    )
    run.numbers.push(number)
    allocated[name] = number.value
  }
  return allocated
}

async function provideKey(run: Run): Promise<void> {
  const { resolved, outcome } = run
  const { key } = resolved
  if (key === null) return
  if ('pem' in key) {
    await putFiles(run, [file(KEY_FILE, key.pem, '0600')])
    return knowKey(run, deviceKeyOf(key.pem))
  }
  const there = await keyOnBoard(run)
  if (there?.type === key.type) {
    note(run, `${key.type} key ${there.fingerprint.slice(0, 16)}`, false)
    return knowKey(run, there)
  }
  const made = await makeDeviceKey(key.type)
  await run.board.put(file(KEY_FILE, made.pem, '0600'))
  note(run, `made a ${key.type} key ${made.fingerprint.slice(0, 16)}`, true)
  knowKey(run, made)
  outcome.keyFingerprint = made.fingerprint
}

function knowKey(run: Run, { publicKeyPem, fingerprint }: Pick<DeviceKey, 'publicKeyPem' | 'fingerprint'>): void {
  run.publicKeyPem = publicKeyPem
  run.outcome.keyFingerprint = fingerprint
}

/** The public half, which the private one stays behind for where the board has openssl. */
async function keyOnBoard(run: Run): Promise<ReturnType<typeof publicHalf> | null> {
  const script = `[ -s ${KEY_FILE} ] || exit 0\nopenssl pkey -in ${KEY_FILE} -pubout 2>/dev/null || cat ${KEY_FILE}`
  const pem = await run.board.ask(`Cannot read ${KEY_FILE}`, script)
  try {
    return pem === '' ? null : publicHalf(pem)
  } catch {
    // Something that is no key is replaced by one.
    return null
  }
}

/** Empty also where it is a link to the one of the data partition. */
async function systemConf({ board }: Run): Promise<string> {
  const script = `[ ! -e ${SYSTEM_CONF} ] || [ "$(readlink -f ${SYSTEM_CONF})" = "$(readlink -f ${CONF_FILE})" ] || cat ${SYSTEM_CONF}`
  return board.ask(`Cannot read ${SYSTEM_CONF}`, script)
}

/** Device type, CA and mender.conf. */
export async function provideConfiguration(run: Run): Promise<void> {
  const { resolved } = run
  const { recipe, ca, settings: further } = resolved
  const settings = {
    ...(recipe.server === undefined ? {} : { ServerURL: recipe.server.url }),
    ...(ca === null ? {} : { ServerCertificate: CA_FILE }),
    ...further,
  }
  const files: BoardFile[] = []
  if (ca !== null) files.push(file(CA_FILE, ca))
  if (recipe.deviceType !== undefined) files.push(file(`${DATA_FOLDER}/device_type`, `device_type=${recipe.deviceType}\n`))
  const artifactName = recipe.artifactName ?? (await missingArtifactName(run))
  if (artifactName !== null) files.push(file('/etc/mender/artifact_info', `artifact_name=${artifactName}\n`))
  if (Object.keys(settings).length > 0) {
    const before = await textOf(run, CONF_FILE)
    files.push(file(CONF_FILE, withSettings(before, settings, CONF_FILE), '0600'))
    const other = await systemConf(run)
    const wrong = overruled(other, settings, SYSTEM_CONF)
    if (Object.keys(wrong).length > 0)
      files.push(file(SYSTEM_CONF, withSettings(other, { ...wrong, ...pick(settings, wrong) }, SYSTEM_CONF)))
  }
  await putFiles(run, files)
}

function pick(settings: Record<string, unknown>, names: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name in names))
}

/** A client that cannot say what it runs is given no update. */
async function missingArtifactName(run: Run): Promise<string | null> {
  return run.facts.clientVersion !== null && (await textOf(run, '/etc/mender/artifact_info')) === '' ? 'initial' : null
}
