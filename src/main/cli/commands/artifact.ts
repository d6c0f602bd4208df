import { Command, Option } from 'commander'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { newArtifactKind } from '../../contract/new-artifact-kinds.ts'
import { AUGMENT_WARNING } from '../../engine/artifact/augment.ts'
import type { CliContext } from '../context.ts'
import { addCloudFlags } from './artifact-cloud-flags.ts'
import { catCommand } from './artifact-cat.ts'
import { cpCommand } from './artifact-cp.ts'
import { deltaCommand } from './artifact-delta.ts'
import { diffCommand } from './artifact-diff.ts'
import { EXPANSION_NOTES, type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { repeated, writeCommand } from './artifact-flags.ts'
import { dumpCommand } from './artifact-dump.ts'
import { installCommand } from './artifact-install.ts'
import { lintCommand } from './artifact-lint.ts'
import { lsCommand } from './artifact-ls.ts'
import { modifyCommand } from './artifact-modify.ts'
import { openArtifact } from './artifact-open.ts'
import { willInstallCommand } from './artifact-predict.ts'
import { recompressCommand } from './artifact-recompress.ts'
import { rmCommand } from './artifact-rm.ts'
import { signCommand } from './artifact-sign.ts'
import { describeContent } from './artifact-text.ts'
import { writeFromFlags } from './artifact-write.ts'

interface ReadFlags extends ExpansionFlag {
  key: string[]
  keyPkcs11?: string
}

/** `otabench artifact`: works on .mender files alone; needs no engine and no data folder. */
export function artifactCommand(context: CliContext): Command {
  const command = new Command('artifact')
    .description('Write, read, validate and sign .mender files, offline.')
    .enablePositionalOptions()
    .addOption(new Option('--compression <id>', 'for write and modify, as mender-artifact takes it before them').hideHelp())
  const write = command.command('write').description('write an artifact')
  for (const kind of newArtifactKind.options) {
    write.addCommand(writeCommand(kind, (chosen, flags) => writeFromFlags(chosen, flags, context)))
  }
  addReaders(command, context)
  command.addCommand(signCommand(context)).addCommand(modifyCommand(context))
  command.addCommand(recompressCommand(context)).addCommand(dumpCommand(context))
  command.addCommand(deltaCommand(context))
  command.addCommand(lsCommand(context)).addCommand(catCommand(context)).addCommand(cpCommand(context))
  command.addCommand(installCommand(context)).addCommand(rmCommand(context))
  command.addCommand(diffCommand(context)).addCommand(willInstallCommand(context)).addCommand(lintCommand(context))
  return command
}

const READ_NOTES = `
The text is that of mender-artifact 4.x, with the compression and the warnings besides; 3.x prints the same facts in other words. Programs
read --json. A wrong or missing signature exits 4 when a key is given, after the text.
${EXPANSION_NOTES}`

function addReaders(command: Command, context: CliContext): void {
  const reader = (name: string, description: string) =>
    addCloudFlags(command.command(`${name} <file>`), 'verify')
      .description(description)
      .addOption(repeated('-k, --key <file>', 'public key to verify the signature with; repeat for several, one must fit'))
      .option('--key-pkcs11 <uri>', 'public key of a PKCS#11 token to verify with')
      .addOption(allowExpansionOption())
      .option('--no-progress', 'show no progress')
  reader('read', 'what an artifact says of itself; every checksum is checked')
    .addHelpText('after', READ_NOTES)
    .action((path: string, flags: ReadFlags) => read(path, flags, context))
  reader('validate', 'whether an artifact is sound; with a key, whether that key signed it')
    .addHelpText('after', EXPANSION_NOTES)
    .action((path: string, flags: ReadFlags) => validate(path, flags, context))
}

/** SIGNATURE_INVALID when a key was given and did not make the signature. */
function checkSigned({ signature }: ArtifactContent, flags: ReadFlags): void {
  const key = keysOf(flags)
  if (key.length === 0 || signature.verifiedBy !== null) return
  const hint = 'Sign it with the private half of a key given with -k, or verify with the key it was signed with.'
  throw new AppError(
    'SIGNATURE_INVALID',
    signature.present ? `The signature was not made with ${key.join(' or ')}` : 'The artifact is not signed',
    hint,
  )
}

function keysOf({ key, keyPkcs11 }: ReadFlags): string[] {
  return keyPkcs11 === undefined ? key : [...key, keyPkcs11]
}

/** Reads an augmented artifact too, and says loudly what that is worth. */
async function open(path: string, flags: ReadFlags, context: CliContext): Promise<ArtifactContent> {
  const content = await openArtifact(path, { ...flags, allowAugmented: true }, context)
  if (content.warnings.includes(AUGMENT_WARNING)) context.out.important(`warning: ${path}: ${AUGMENT_WARNING}`)
  return content
}

async function read(path: string, flags: ReadFlags, context: CliContext): Promise<void> {
  const content = await open(path, flags, context)
  context.out.verbatim(content, describeContent(content, keysOf(flags).length > 0))
  checkSigned(content, flags)
}

async function validate(path: string, flags: ReadFlags, context: CliContext): Promise<void> {
  const content = await open(path, flags, context)
  checkSigned(content, flags)
  const { name, signature, warnings } = content
  if (signature.present && keysOf(flags).length === 0) context.out.note('The signature was not checked: no key was given with -k.')
  const proof = signature.verifiedBy === null ? (signature.present ? 'signed' : 'not signed') : `signed with ${signature.verifiedBy}`
  context.out.result({ path, name, isValid: true, signature, warnings }, `${path}: valid artifact ${name}, ${proof}`)
}
