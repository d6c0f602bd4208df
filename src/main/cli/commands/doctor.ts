import { Command } from 'commander'
import type { Finding } from '../../contract/doctor.ts'
import type { CliContext } from '../context.ts'
import { say } from '../language.ts'
import { now } from '../live.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import { NegativeOutcome } from '../run-command.ts'
import { oneLine } from '../text.ts'

const MARKS: Readonly<Record<Finding['state'], string>> = { good: 'good  ', partly: 'partly', lacks: 'LACKS ' }

/** `otabench doctor`: what this machine lacks. */
export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .description('what this machine lacks for parts of the bench, each with its remedy; exit code 5 when something does not work without')
    .action(() => examine(context))
}

async function examine({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const findings = await now(session.client.doctor.list())
  out.result(findings, findings.flatMap(lines).join('\n'))
  if (findings.some(({ state }) => state === 'lacks')) throw new NegativeOutcome(EXIT_NEGATIVE)
}

function lines({ state, title, text, remedy }: Finding): string[] {
  const line = `${MARKS[state]}  ${say(title)}: ${say(oneLine(text))}`
  return remedy === '' ? [line] : [line, `        ${oneLine(remedy)}`]
}
