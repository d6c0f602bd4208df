import { type Command, Option } from 'commander'
import { isEncrypted } from '../../engine/artifact/keys.ts'
import { type Signer, type VerificationKey, signerOf } from '../../engine/artifact/sign.ts'
import type { CliContext } from '../context.ts'
import { type PassphraseFlags, readPassphrase } from '../passphrase.ts'
import { addCloudFlags } from './artifact-cloud-flags.ts'
import { absolute, readText } from './artifact-files.ts'
import { tokenPublicKey, tokenSigner } from './artifact-sign-token.ts'

/** The flags with which a command signs. */
export interface SigningFlags extends PassphraseFlags {
  key?: string
}

/** Adds the flags with which a command signs. */
export function addSigningFlags(command: Command, keyText: string): Command {
  return addPassphraseFlags(addCloudFlags(command, 'sign').option('-k, --key <file>', keyText))
}

/** Adds the flags that open an encrypted key without a terminal. */
export function addPassphraseFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--passphrase-file <file>', 'file whose first line is the passphrase of an encrypted key; default: ask on the terminal'),
    )
    .addOption(new Option('--passphrase-fd <number>', 'open file descriptor to read the passphrase from'))
}

/** Adds the flag that signs with a key of a token. */
export function addTokenFlag(command: Command): Command {
  return command.addOption(
    new Option('--key-pkcs11 <uri>', 'key of a PKCS#11 token to sign with, for example "pkcs11:token=NAME;object=LABEL"').conflicts('key'),
  )
}

/** The same for commands that have the manifest at hand: a token can sign too. */
export async function manifestSigner(
  flags: SigningFlags & { keyPkcs11?: string },
  context: CliContext,
): Promise<Pick<Signer, 'sign'> | null> {
  return flags.keyPkcs11 === undefined ? signerFrom(flags, context) : tokenSigner(flags.keyPkcs11, flags, context)
}

/** The signer that the flags name, or null. An encrypted key asks for its passphrase. */
export async function signerFrom(flags: SigningFlags, context: CliContext): Promise<Signer | null> {
  if (flags.key === undefined) return null
  const pem = await readText(context.host.files, absolute(context.cwd, flags.key))
  return signerOf(pem, isEncrypted(pem) ? await readPassphrase(flags.key, flags, context) : undefined)
}

/** The public key of a token that `--key-pkcs11` names, if it is given. */
export async function tokenKeys(uri: string | undefined, context: CliContext): Promise<VerificationKey[]> {
  return uri === undefined ? [] : [{ name: uri, publicKeyPem: await tokenPublicKey(uri, context) }]
}

/** Public keys of the command line, called by the paths they were given as. */
export function verificationKeys(paths: readonly string[], { host, cwd }: CliContext): Promise<VerificationKey[]> {
  return Promise.all(paths.map(async (name) => ({ name, publicKeyPem: await readText(host.files, absolute(cwd, name)) })))
}
