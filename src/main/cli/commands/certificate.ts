import { resolve } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { CliContext } from '../context.ts'
import { say } from '../language.ts'
import { now } from '../live.ts'
import { fact, facts, time } from '../text.ts'

/** `otabench certificate`: what the https address shows. */
export function certificateCommand(context: CliContext): Command {
  const command = new Command('certificate').description('The certificate of the https address: see it, renew it, bring another one.')
  command
    .command('show')
    .description('whose it is, for which names, and how long; of a running server')
    .action(() => show(context))
  command
    .command('renew')
    .description("make one of the bench's own authority anew, with every address that this machine has now")
    .action(() => renew(context))
  command
    .command('use <cert> <key>')
    .description('show one of another authority, with its chain (PEM files); they are looked at every minute')
    .action((cert: string, key: string) => use(cert, key, context))
  command
    .command('own')
    .description("show one of the bench's own again")
    .action(() => own(context))
  return command
}

async function show({ openEngine, out, host }: CliContext): Promise<void> {
  await using session = await openEngine()
  const status = await now(session.client.server.status())
  const { certificate, caFile, clientCaFile } = status
  if (certificate === null)
    throw new AppError('NOT_FOUND', 'Nothing is served by https here', 'Ask a running server: --server URL --token TOKEN.')
  const days = Math.floor((certificate.expiresAt - host.clock.now()) / 86_400_000)
  const lines = facts([
    fact('subject:', certificate.subject),
    fact('issuer:', certificate.issuer),
    fact('good for:', certificate.names.join(', ')),
    fact('valid until:', say(`${time(certificate.expiresAt)} (${days} days)`)),
    fact('SHA-256:', certificate.fingerprint),
    ...(caFile === null ? [] : [fact('CA file:', caFile)]),
    ...(certificate.certFile === null ? [] : [fact('from:', certificate.certFile)]),
    ...(clientCaFile === null ? [] : [fact('clients of:', clientCaFile)]),
    ...(certificate.problem === '' ? [] : [fact('problem:', say(certificate.problem))]),
  ])
  out.result({ ...certificate, caFile, clientCaFile }, lines.join('\n'))
}

async function renew({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.server.renewCertificate()
  out.result({ renewed: true }, 'renewed: devices trust it as they did, since the authority is the same')
}

async function use(cert: string, key: string, { openEngine, out, cwd }: CliContext): Promise<void> {
  const files = { certFile: resolve(cwd, cert), keyFile: resolve(cwd, key) }
  await using session = await openEngine()
  await session.client.server.setCertificate(files)
  out.result(files, `in use: ${files.certFile}`)
}

async function own({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.server.setCertificate(null)
  out.result({ isOwn: true }, "in use: one of the bench's own authority")
}
