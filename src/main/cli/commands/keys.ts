import { Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type SigningKey, keyAlgorithm } from '../../contract/keys.ts'
import { generateKeyPair, isEncrypted } from '../../engine/artifact/keys.ts'
import { writeAtomic } from '../../engine/lib/file-streams.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { type PassphraseFlags, readPassphrase } from '../passphrase.ts'
import { table, time } from '../text.ts'
import { absolute, readText } from './artifact-files.ts'
import { addPassphraseFlags } from './artifact-sign-key.ts'

type Algorithm = (typeof keyAlgorithm.options)[number]

interface GenerateFlags {
  algorithm: Algorithm
  outputPath?: string
}

/** `otabench keys`: the bench's key ring, and key files for use without it. */
export function keysCommand(context: CliContext): Command {
  const command = new Command('keys').description('Keys that sign artifacts. The private half never leaves the data folder.')
  command
    .command('generate [name]')
    .description('make a key in the key ring, or with -o a pair of PEM files')
    .addOption(new Option('-a, --algorithm <algorithm>', 'kind of key').choices(keyAlgorithm.options).default('p256'))
    .option('-o, --output-path <file>', 'write the private key here and the public one to FILE.pub instead')
    .action((name: string | undefined, flags: GenerateFlags) => generate(name, flags, context))
  command
    .command('list')
    .description('all keys of the key ring')
    .action(() => list(context))
  command
    .command('show <name>')
    .description('the public key, as PEM')
    .action((name: string) => show(name, context))
  addPassphraseFlags(command.command('import <name> <file>').description('add a private or public key from a PEM file')).action(
    (name: string, file: string, flags: PassphraseFlags) => importKey([name, file], flags, context),
  )
  command
    .command('rename <name> <new-name>')
    .description('call a key something else')
    .action((name: string, to: string) => rename([name, to], context))
  command
    .command('remove <name>')
    .description('forget a key, the private half too')
    .action((name: string) => remove(name, context))
  return command
}

function line({ name, algorithm, fingerprint }: SigningKey): string {
  return `${name}: ${algorithm}, SHA-256 ${fingerprint}`
}

async function generate(name: string | undefined, { algorithm, outputPath }: GenerateFlags, context: CliContext): Promise<void> {
  if (outputPath !== undefined) return generateFiles(outputPath, algorithm, context)
  if (name === undefined)
    throw new AppError('BAD_INPUT', 'The name of the key is missing', 'Give a name, or -o FILE for a key of your own.')
  await using session = await context.openEngine()
  const key = await session.client.keys.generate({ name, algorithm })
  context.out.result(key, line(key))
}

async function generateFiles(path: string, algorithm: Algorithm, { host, out, cwd }: CliContext): Promise<void> {
  const privatePath = absolute(cwd, path)
  if (await host.files.stat(privatePath))
    throw new AppError('CONFLICT', `${path} exists already`, 'Choose another name: a lost key cannot be had back.')
  const pair = await generateKeyPair(algorithm)
  const encoder = new TextEncoder()
  await writeAtomic(host.files, privatePath, encoder.encode(pair.privateKeyPem), 0o600)
  await writeAtomic(host.files, `${privatePath}.pub`, encoder.encode(pair.publicKeyPem))
  out.result({ algorithm, privateKey: path, publicKey: `${path}.pub` }, `${path} (private), ${path}.pub (public): ${algorithm}`)
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const keys = await now(session.client.keys.list())
  const rows = keys.map((key) => [key.name, key.algorithm, key.hasPrivateKey ? 'yes' : 'no', key.fingerprint, time(key.createdAt)])
  const empty = 'No keys yet. Make one: otabench keys generate NAME'
  out.result(keys, keys.length === 0 ? empty : table(['name', 'algorithm', 'can sign', 'fingerprint', 'since'], rows))
}

/** The key of that name or fingerprint; NOT_FOUND else. */
async function findKey(client: EngineClient, name: string): Promise<SigningKey> {
  const key = (await now(client.keys.list())).find((each) => each.name === name || each.fingerprint === name || each.id === name)
  if (!key) throw new AppError('NOT_FOUND', `There is no key "${name}"`, 'See otabench keys list.')
  return key
}

async function show(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const key = await findKey(session.client, name)
  out.note(line(key))
  out.verbatim(key, key.publicKeyPem)
}

async function importKey([name, file]: readonly [string, string], flags: PassphraseFlags, context: CliContext): Promise<void> {
  const { host, openEngine, out, cwd } = context
  const pem = await readText(host.files, absolute(cwd, file))
  const passphrase = isEncrypted(pem) ? await readPassphrase(file, flags, context) : undefined
  await using session = await openEngine()
  const key = await session.client.keys.import({ name, pem, passphrase })
  out.result(key, line(key))
}

async function rename([name, to]: readonly [string, string], { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { id } = await findKey(session.client, name)
  const key = await session.client.keys.rename({ id, name: to })
  out.result(key, line(key))
}

async function remove(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { id } = await findKey(session.client, name)
  await session.client.keys.remove({ id })
  out.result({ removed: id }, `removed: ${name}`)
}
