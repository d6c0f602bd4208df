import { type Command, Option } from 'commander'
import { AppError } from '../../contract/errors.ts'

/** Flags of mender-artifact that sign or verify with a service of somebody's. */
const SERVICES = [
  ['--gcp-kms-key <id>', 'Google Cloud KMS'],
  ['--vault-transit-key <name>', 'HashiCorp Vault'],
  ['--azure-key <name>', 'Azure Key Vault'],
  ['--keyfactor-signserver-worker <name>', 'Keyfactor SignServer'],
] as const

const HINTS = {
  sign: 'Sign in two steps, anywhere: otabench artifact sign --detached FILE > manifest, let the service sign these bytes with SHA-256, then otabench artifact sign --attach SIGNATURE FILE.',
  verify: 'Get the public key from the service as a PEM file, once, and give it with -k.',
}

/** Takes the flags of signing services, to say what to do instead: this program asks nobody on the internet. */
export function addCloudFlags(command: Command, purpose: keyof typeof HINTS): Command {
  for (const [flags, service] of SERVICES) {
    const option = new Option(flags).hideHelp()
    option.argParser(() => {
      throw new AppError('BAD_INPUT', `${option.long} needs ${service}, which is not asked from here`, HINTS[purpose])
    })
    command.addOption(option)
  }
  return command
}

const AUGMENT_FLAGS = ['type <type>', 'file <file>', 'meta-data <file>', 'provides <key:value>', 'depends <key:value>'] as const

/** Takes mender-artifact's flags for augmented artifacts, to say why none is written. */
export function addAugmentFlags(command: Command): Command {
  for (const flags of AUGMENT_FLAGS) {
    const option = new Option(`--augment-${flags}`).hideHelp()
    option.argParser(() => {
      const hint = 'Put it into the artifact itself: -f, -m, -p and -d.'
      throw new AppError('BAD_INPUT', `${option.long}: no signature covers an augmentation, and clients from 4.0 on refuse it`, hint)
    })
    command.addOption(option)
  }
  return command
}
