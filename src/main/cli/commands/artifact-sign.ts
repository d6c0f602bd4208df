import { Command, Option } from 'commander'
import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { checkSignature, importSignature } from '../../engine/artifact/detached.ts'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { checkArtifact } from '../../engine/artifact/read.ts'
import { type ArtifactFront, encodeFront, readFront } from '../../engine/artifact/resign.ts'
import type { HostFile } from '../../engine/host.ts'
import { readWhole } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { absolute } from './artifact-files.ts'
import { repeated } from './artifact-flags.ts'
import { withProgress } from './artifact-open.ts'
import { type SigningFlags, addSigningFlags, addTokenFlag, manifestSigner, verificationKeys } from './artifact-sign-key.ts'
import { bytesOf, writeFront } from './artifact-sign-output.ts'

interface SignFlags extends SigningFlags, ExpansionFlag {
  keyPkcs11?: string
  outputPath?: string
  force?: boolean
  detached?: boolean
  attach?: string
  verifyWith: string[]
  verifyPayload?: boolean
}

const NOTES = `
The payload is neither read nor copied more than needed: what the signature covers is checked, the payload's content only with
--verify-payload. A device compares it with the signed checksums in any case.

To sign elsewhere, for example with a token that openssl knows:
  otabench artifact sign --detached FILE > manifest
  openssl dgst -sha256 -sign KEY -out signature manifest
  otabench artifact sign --attach signature --verify-with KEY.pub FILE`

/** `otabench artifact sign FILE`: with a key, or in two steps around a signature that is made elsewhere. */
export function signCommand(context: CliContext): Command {
  const command = new Command('sign').description('sign an artifact, leaving its payload as it is').argument('<file>')
  return addTokenFlag(addSigningFlags(command, 'private key to sign with'))
    .option('-o, --output-path <file>', 'where to write; default: in place')
    .option('-f, --force', 'replace a signature')
    .addOption(
      new Option('--detached', 'print the bytes that a signature covers, and change nothing').conflicts(['key', 'keyPkcs11', 'attach']),
    )
    .addOption(new Option('--attach <signature>', 'file with a signature: raw, base64 or, for P-256, DER').conflicts(['key', 'keyPkcs11']))
    .addOption(repeated('--verify-with <file>', 'public key that the signature must fit; repeat for several'))
    .option('--verify-payload', "check the payload's content first")
    .addOption(allowExpansionOption())
    .addHelpText('after', NOTES)
    .action((path: string, flags: SignFlags) => signFile(path, flags, context))
}

async function signFile(path: string, flags: SignFlags, context: CliContext): Promise<void> {
  const { host, out, cwd } = context
  if (flags.key === undefined && flags.keyPkcs11 === undefined && flags.attach === undefined && !flags.detached)
    throw new AppError('BAD_INPUT', 'The key is missing', 'Give it with -k PRIVATE_KEY, or sign elsewhere: --detached, then --attach.')
  await using file = await host.files.open(absolute(cwd, path), 'read')
  const front = await readFront(await bytesOf(file))
  if (flags.verifyPayload) await checkPayload(file, flags, context)
  if (flags.detached) return handOut(front, context)
  if (front.signature && !flags.force) throw new AppError('CONFLICT', `${path} is already signed`, 'Use -f to replace the signature.')
  const signature = await signatureOf(front.manifest.content, flags, context)
  const keys = await verificationKeys(flags.verifyWith, context)
  const verifiedBy = keys.length > 0 ? checkSignature(front.manifest.content, signature, keys) : null
  if (flags.attach !== undefined && keys.length === 0) out.note('The signature was not checked: no key was given with --verify-with.')
  const target = flags.outputPath ?? path
  await writeFront({ source: file, front, bytes: encodeFront(front, { signature }), target: absolute(cwd, target) }, context)
  out.result({ path: target, isSigned: true, verifiedBy }, `${target}: signed${verifiedBy === null ? '' : `, fits ${verifiedBy}`}`)
}

/** The manifest is ASCII and ends with a newline: as text it is printed byte for byte. */
function handOut({ manifest }: ArtifactFront, { out }: CliContext): void {
  const text = new TextDecoder().decode(manifest.content)
  out.verbatim({ manifest: text, sha256: createHash('sha256').update(manifest.content).digest('hex') }, text)
}

async function signatureOf(manifest: Uint8Array, flags: SignFlags, context: CliContext): Promise<string> {
  const signer = await manifestSigner(flags, context)
  if (signer) return signer.sign(manifest)
  return importSignature(await readWhole(context.host.files, absolute(context.cwd, flags.attach ?? '')))
}

/** Reads the whole artifact; ARTIFACT_INVALID when anything in it is wrong. */
export async function checkPayload(file: HostFile, flags: ExpansionFlag, context: CliContext): Promise<void> {
  const options = { totalBytes: await file.sizeBytes(), limits: limitsWith(flags), signal: context.signal }
  await checkArtifact(await withProgress(file, 'checked', context), options)
}
