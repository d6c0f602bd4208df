import { Command } from 'commander'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { lintArtifact } from '../../engine/artifact/lint-file.ts'
import type { Finding } from '../../engine/artifact/lint.ts'
import type { CliContext } from '../context.ts'
import { NegativeOutcome } from '../run-command.ts'
import { type ExpansionFlag, allowExpansionOption } from './artifact-expansion.ts'
import { absolute } from './artifact-files.ts'
import { repeated } from './artifact-flags.ts'
import { withProgress } from './artifact-open.ts'
import { verificationKeys } from './artifact-sign-key.ts'
import { bytesOf } from './artifact-sign-output.ts'

/** The same as for an artifact that is invalid: that is what a client would call it. */
const EXIT_REFUSED = 4

interface LintFlags extends ExpansionFlag {
  key: string[]
}

/** `otabench artifact lint FILE`. */
export function lintCommand(context: CliContext): Command {
  return new Command('lint')
    .description('everything a client would refuse an artifact for, also where mender-artifact takes it; exits 4 when there is such')
    .argument('<file>')
    .addOption(repeated('-k, --key <file>', 'public key that the client has; repeat for several, one must fit'))
    .addOption(allowExpansionOption())
    .action((path: string, flags: LintFlags) => lint(path, flags, context))
}

async function lint(path: string, { key, allowExpansion }: LintFlags, context: CliContext): Promise<void> {
  const { host, cwd, out, signal } = context
  const keys = await verificationKeys(key, context)
  await using file = await host.files.open(absolute(cwd, path), 'read')
  const whole = await withProgress(file, 'checked', context)
  const { sizeBytes, chunks } = await bytesOf(file)
  // The first to ask is the one that reads it all.
  const passes = [whole]
  const artifact = { sizeBytes, chunks: (start: number, end?: number) => passes.pop() ?? chunks(start, end) }
  const findings = await lintArtifact(artifact, { keys, signal, limits: limitsWith({ allowExpansion }) })
  const isRefused = findings.some(({ severity }) => severity === 'refused')
  const text = findings.length === 0 ? `${path}: nothing to object` : findings.map(lineOf).join('\n')
  out.result({ path, isRefused, findings }, text)
  if (isRefused) throw new NegativeOutcome(EXIT_REFUSED)
}

function lineOf({ severity, message }: Finding): string {
  return `${severity === 'refused' ? 'refused: ' : 'warning: '}${message}`
}
