import { resolve } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { DATABASE } from '../../engine/backup/format.ts'
import { restoreBackup } from '../../engine/backup/restore-backup.ts'
import { writeBackup } from '../../engine/backup/write-backup.ts'
import { snapshotDatabase } from '../../engine/store/snapshot.ts'
import type { CliContext } from '../context.ts'
import { size, time } from '../text.ts'

/** `otabench backup FILE`: works on the data folder itself, also while a server runs on it. */
export function backupCommand(context: CliContext): Command {
  return new Command('backup')
    .description(
      'Copies a bench (devices, deployments, artifacts, recorded terminals, keys, certificates) into one file, also while its server runs.',
    )
    .argument('<file>', 'the file to write; it holds private keys, and only you may read it')
    .action((file: string) => backup(file, context))
}

/** `otabench restore FILE`: the way back. */
export function restoreCommand(context: CliContext): Command {
  return new Command('restore')
    .description('Puts a backup into a data folder that is empty or not there. Stop the server first.')
    .argument('<file>', 'a file that otabench backup wrote')
    .option('--replace', 'move a bench that is in the folder aside, and keep it')
    .action((file: string, options: { replace?: boolean }) => restore(file, options, context))
}

async function backup(file: string, context: CliContext): Promise<void> {
  const { host, out, cwd, signal } = context
  const dataFolder = ownFolder(context)
  const target = resolve(cwd, file)
  const onProgress = (done: number, total: number) => out.progress(done, total, 'copied')
  const copyDatabase = (to: string) => Promise.resolve(snapshotDatabase(`${dataFolder}/${DATABASE}`, to))
  const written = await writeBackup({ files: host.files, dataFolder, target, now: host.clock.now(), copyDatabase, signal, onProgress })
  const text = `${target}: ${size(written.sizeBytes)}, ${written.artifactCount} artifacts`
  out.result({ path: target, ...written }, text)
}

async function restore(file: string, { replace: isReplaceAllowed = false }: { replace?: boolean }, context: CliContext): Promise<void> {
  const { host, out, cwd, signal } = context
  const dataFolder = ownFolder(context)
  const onProgress = (done: number, total: number) => out.progress(done, total, 'restored')
  const request = { files: host.files, source: resolve(cwd, file), dataFolder, isReplaceAllowed, signal, onProgress }
  const restored = await restoreBackup(request)
  if (restored.movedTo !== null) out.note(`What was there is now in ${restored.movedTo}`)
  const text = `${dataFolder}: as it was at ${time(restored.createdAt)}, ${restored.artifactCount} artifacts`
  out.result({ dataFolder, ...restored }, text)
}

function ownFolder(context: CliContext): string {
  const { server, data } = context.globals()
  if (server === undefined) return data
  throw new AppError(
    'BAD_INPUT',
    'A backup is made on the machine that has the data folder',
    'Leave --server out, and name the folder with --data.',
  )
}
