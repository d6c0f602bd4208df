import { AppError } from '../../contract/errors.ts'
import type { IdentitySource, Recipe } from '../../contract/recipe.ts'
import type { Seed } from '../../contract/seed.ts'
import { type DeviceKey, deviceKeyOf, makeDeviceKey } from './device-key.ts'
import { IDENTITY_SCRIPT, identityScript, readOnBoard } from './identity.ts'
import type { Ledger, SeriesNumber } from './ledger.ts'
import { type PlannedStep, leftOut } from './plan.ts'
import type { ResolvedRecipe } from './resolve.ts'
import type { Preauthorize } from './run.ts'

/** A recipe as the files of an image. */
interface RecipeSeed {
  seed: Seed
  /** As far as it can be told before the board runs; null where it reads some of it itself. */
  identity: Record<string, string> | null
  publicKeyPem: string | null
  keyFingerprint: string | null
  /** Numbers that are held until the image is written. */
  numbers: { number: SeriesNumber; whenFailed: 'void' | 'give-again' }[]
  /** Parts of the recipe that need a running board. */
  leftOut: PlannedStep[]
}

/** Contents are texts here: an image gets small files, the large ones are in it already. */
const text = (content: Uint8Array): string => {
  const words = Buffer.from(content).toString()
  if (Buffer.from(words).equals(content)) return words
  throw new AppError('BAD_INPUT', 'A file of the recipe is no text', 'Name it with from, or put it into the root file system.')
}

const ROOT = { uid: 0, gid: 0 }
const CA_FILE = '/data/mender/server.crt'

/** Makes the files that a recipe means; holds numbers of its series. BAD_INPUT for owners by name, which an image does not know. */
async function seedOf(resolved: ResolvedRecipe, ledger: Ledger): Promise<RecipeSeed> {
  const { recipe, key } = resolved
  const { identity = {} } = recipe
  const made = key === null ? null : await keyOf(key)
  const seed = keySeed(resolved, made)
  // Nothing fails from here on that would leave a number held.
  const { values, numbers } = allocate(identity, ledger)
  const isKnown = Object.keys(identity).length > 0 && readOnBoard(identity).length === 0
  return {
    seed: { ...seed, files: [...seed.files, ...identityFile(identity, values)] },
    identity: isKnown ? values : null,
    publicKeyPem: made?.publicKeyPem ?? null,
    keyFingerprint: made?.fingerprint ?? null,
    numbers,
    leftOut: leftOut(recipe),
  }
}

export function keyOf(key: NonNullable<ResolvedRecipe['key']>): Promise<DeviceKey> {
  return 'pem' in key ? Promise.resolve(deviceKeyOf(key.pem)) : makeDeviceKey(key.type)
}

/** The seed of a board of which everything is known. */
export function unitSeed(resolved: ResolvedRecipe, identity: Readonly<Record<string, string>>, key: DeviceKey | null): Seed {
  const seed = keySeed(resolved, key)
  return { ...seed, files: [...seed.files, ...identityFile(identity, {})] }
}

/** All but the identity. */
function keySeed(resolved: ResolvedRecipe, key: DeviceKey | null): Seed {
  const { recipe, settings, ca } = resolved
  const files = filesOf(resolved)
  if (key !== null) files.push({ to: '/data/mender/mender-agent.pem', text: key.pem, mode: '0600', ...ROOT })
  const further = { ...(ca === null ? {} : { ServerCertificate: CA_FILE }), ...settings }
  return { ...wordsOf(recipe), ...(Object.keys(further).length === 0 ? {} : { settings: further }), files }
}

function identityFile(identity: Readonly<Record<string, IdentitySource>>, allocated: Readonly<Record<string, string>>): Seed['files'] {
  if (Object.keys(identity).length === 0) return []
  return [{ to: IDENTITY_SCRIPT, text: identityScript(identity, allocated), mode: '0755', ...ROOT }]
}

function wordsOf({ deviceType, artifactName, server }: Recipe): Pick<Seed, 'deviceType' | 'artifactName' | 'serverUrl'> {
  return {
    ...(deviceType === undefined ? {} : { deviceType }),
    ...(artifactName === undefined ? {} : { artifactName }),
    ...(server === undefined ? {} : { serverUrl: server.url }),
  }
}

function filesOf({ files, ca }: ResolvedRecipe): Seed['files'] {
  const placed = files.map(({ to, content, mode, owner }) => ({ to: inCard(to), text: text(content), mode, ...numbersOf(owner, to) }))
  return ca === null ? placed : [...placed, { to: CA_FILE, text: text(ca), mode: '0644', ...ROOT }]
}

function allocate(
  identity: Readonly<Record<string, IdentitySource>>,
  ledger: Ledger,
): { values: Record<string, string>; numbers: RecipeSeed['numbers'] } {
  const numbers: RecipeSeed['numbers'] = []
  const values: Record<string, string> = {}
  for (const [name, source] of Object.entries(identity)) {
    if (typeof source === 'string') values[name] = source
    else if ('series' in source) {
      const number = ledger.hold(source, '')
      numbers.push({ number, whenFailed: source.whenFailed })
      values[name] = number.value
    }
  }
  return { values, numbers }
}

/** Where the data partition of a card is mounted, whatever a client links to it. */
function inCard(to: string): string {
  return to.replace(/^\/var\/lib\/mender(?=\/)/, '/data/mender')
}

function numbersOf(owner: string, to: string): { uid: number; gid: number } {
  const [uid, gid] = owner.split(':').map((name) => (name === 'root' ? 0 : /^\d+$/.test(name) ? Number(name) : Number.NaN))
  if (uid !== undefined && gid !== undefined && !Number.isNaN(uid + gid)) return { uid, gid }
  throw new AppError('BAD_INPUT', `${to} belongs to ${owner}, which an image does not know`, 'Write numbers: owner: "1000:1000".')
}

export interface SeededImage {
  image: string
  identity: Record<string, string> | null
  keyFingerprint: string | null
  deviceId: string | null
  leftOut: PlannedStep[]
}

export interface ImageProvisioning {
  resolved: ResolvedRecipe
  ledger: Ledger
  preauthorize: Preauthorize | null
  image: string
  /** Puts the files into the image. */
  write(seed: Seed): Promise<unknown>
}

/** Carries a recipe out on an image. What fails gives the numbers back by their rule, and takes the preauthorization back. */
export async function provisionImage({ resolved, ledger, preauthorize, image, write }: ImageProvisioning): Promise<SeededImage> {
  const made = await seedOf(resolved, ledger)
  const { identity, publicKeyPem, keyFingerprint, numbers } = made
  try {
    const expected = preauthorize === null ? null : await expect(preauthorize, { identity, publicKeyPem })
    await write(made.seed).catch(async (thrown: unknown) => {
      if (expected?.isNew) await expected.undo()
      throw thrown
    })
    for (const { number } of numbers) ledger.end(number, 'given')
    return { image, identity, keyFingerprint, deviceId: expected?.deviceId ?? null, leftOut: made.leftOut }
  } catch (thrown) {
    for (const { number, whenFailed } of numbers) ledger.end(number, whenFailed === 'void' ? 'void' : 'free')
    throw thrown
  }
}

async function expect(preauthorize: Preauthorize, { identity, publicKeyPem }: Pick<RecipeSeed, 'identity' | 'publicKeyPem'>) {
  if (identity !== null && publicKeyPem !== null) return preauthorize({ identity, publicKeyPem })
  throw new AppError(
    'BAD_INPUT',
    'Who will be preauthorized is not known before the board runs',
    'Say key, and an identity of texts and numbers: a MAC or a command is read on the board.',
  )
}
