import { type Command, Option } from 'commander'
import { isEncrypted } from '../../engine/artifact/keys.ts'
import { type Signer, type VerificationKey, signerOf } from '../../engine/artifact/sign.ts'
import type { CliContext } from '../context.ts'
import { type PassphraseFlags, readPassphrase } from '../passphrase.ts'
import { absolute, readText } from './artifact-files.ts'

/** The flags with which a command signs. */
export interface SigningFlags extends PassphraseFlags {
  key?: string
}

/** Adds the flags with which a command signs. */
export function addSigningFlags(command: Command, keyText = 'private key to sign with'): Command {
  return command
    .option('-k, --key <file>', keyText)
    .addOption(
      new Option('--passphrase-file <file>', 'file whose first line is the passphrase of an encrypted key; default: ask on the terminal'),
    )
    .addOption(new Option('--passphrase-fd <number>', 'open file descriptor to read the passphrase from'))
}

/** The signer that the flags name, or null. An encrypted key asks for its passphrase. */
export async function signerFrom(flags: SigningFlags, context: CliContext): Promise<Signer | null> {
  if (flags.key === undefined) return null
  const pem = await readText(context.host.files, absolute(context.cwd, flags.key))
  return signerOf(pem, isEncrypted(pem) ? await readPassphrase(flags.key, flags, context) : undefined)
}

/** Public keys of the command line, called by the paths they were given as. */
export function verificationKeys(paths: readonly string[], { host, cwd }: CliContext): Promise<VerificationKey[]> {
  return Promise.all(paths.map(async (name) => ({ name, publicKeyPem: await readText(host.files, absolute(cwd, name)) })))
}
