import { X509Certificate, createPrivateKey } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { DeviceKeyType, Recipe, Secret } from '../../contract/recipe.ts'
import type { Files } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import type { BoardFile } from './board.ts'
import { deviceKeyOf } from './device-key.ts'

export interface RecipeContext {
  files: Files
  /** Where relative paths of the recipe start. */
  folder: string
  environment(name: string): string | undefined
  /** The private half of a key of the key ring, by its name. */
  privateKey(name: string): Promise<string>
}

/** A recipe with everything that it names: nothing is read any more once a board is touched. */
export interface ResolvedRecipe {
  recipe: Recipe
  packages: { name: string; content: Uint8Array }[]
  files: BoardFile[]
  ca: Uint8Array | null
  /** Of mender.conf. */
  settings: Record<string, unknown>
  key: { pem: string } | { type: DeviceKeyType } | null
  /** Standard inputs of the commands. */
  inputs: (Uint8Array | null)[]
}

const MAX_FILE_BYTES = 64 << 20
const MAX_SMALL_BYTES = 1 << 20

/** Reads and checks what a recipe names. NOT_FOUND, KEY_MISSING, BAD_INPUT: before any board is asked. */
export async function resolveRecipe(recipe: Recipe, context: RecipeContext): Promise<ResolvedRecipe> {
  const { client, files, menderConf, server, key = null, commands } = recipe
  return {
    recipe,
    packages: await all(client.packages, async (path) => ({ name: basename(path), content: await debianPackage(path, context) })),
    files: await all(files, async ({ to, mode, owner, from, secret, text = '' }) => {
      if (secret !== undefined) return { to, mode, owner, content: await secretOf({ secret }, context) }
      return { to, mode, owner, content: from === undefined ? Buffer.from(text) : await bounded(from, MAX_FILE_BYTES, context) }
    }),
    ca: server?.ca === undefined ? null : await certificate(server.ca, context),
    settings: Object.fromEntries(
      await all(Object.entries(menderConf), async ([name, value]) => {
        const isSecret = isSecretReference(value)
        return [
          name,
          isSecret
            ? Buffer.from(await secretOf(value, context))
                .toString()
                .trim()
            : value,
        ] as const
      }),
    ),
    key: key !== null && 'secret' in key ? { pem: await givenKey(key, context) } : key,
    inputs: await all(commands, async ({ input }) => (input === undefined ? null : secretOf(input, context))),
  }
}

/** One after the other: files may be large. */
async function all<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (const value of values) done.push(await work(value))
  return done
}

function isSecretReference(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && 'secret' in value
}

export async function secretOf({ secret }: Secret, context: RecipeContext): Promise<Uint8Array> {
  const [kind, name] = [secret.slice(0, secret.indexOf(':')), secret.slice(secret.indexOf(':') + 1)]
  if (kind === 'file') return bounded(name, MAX_SMALL_BYTES, context)
  if (kind === 'key') return Buffer.from(await context.privateKey(name))
  const value = context.environment(name)
  if (value !== undefined && value !== '') return Buffer.from(value)
  throw new AppError('KEY_MISSING', `The recipe wants the secret env:${name}, and ${name} is not set`, `Set ${name} in the environment.`)
}

async function bounded(name: string, limitBytes: number, { files, folder }: RecipeContext): Promise<Uint8Array> {
  const path = resolve(folder, name)
  const stat = await files.stat(path)
  if (!stat) throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path in the recipe; it starts at its folder.')
  if (stat.kind !== 'file') throw new AppError('BAD_INPUT', `${path} is a ${stat.kind}`, 'Name a file.')
  if (stat.sizeBytes > limitBytes)
    throw new AppError(
      'BAD_INPUT',
      `${path} has ${stat.sizeBytes} bytes, and ${limitBytes} is the most`,
      'Large files belong into the image.',
    )
  return readWhole(files, path)
}

const DEBIAN_MAGIC = '!<arch>\ndebian-binary'

async function debianPackage(name: string, context: RecipeContext): Promise<Uint8Array> {
  const content = await bounded(name, MAX_FILE_BYTES, context)
  if (Buffer.from(content.subarray(0, DEBIAN_MAGIC.length)).toString('latin1') === DEBIAN_MAGIC) return content
  throw new AppError('BAD_INPUT', `${name} is no Debian package`, 'Name a .deb file.')
}

async function certificate(name: string, context: RecipeContext): Promise<Uint8Array> {
  const pem = await bounded(name, MAX_SMALL_BYTES, context)
  try {
    return new X509Certificate(pem).raw.length > 0 ? pem : new Uint8Array(0)
  } catch (thrown) {
    throw new AppError('BAD_INPUT', `${name} holds no certificate`, 'Name a PEM file with BEGIN CERTIFICATE.', thrown)
  }
}

async function givenKey(secret: Secret, context: RecipeContext): Promise<string> {
  const pem = Buffer.from(await secretOf(secret, context)).toString()
  try {
    createPrivateKey(pem)
  } catch (thrown) {
    const hint = 'Name an unencrypted private key as PEM.'
    throw new AppError('BAD_INPUT', `${secret.secret} holds no private key that a device can read`, hint, thrown)
  }
  return deviceKeyOf(pem).pem
}
