import { t } from '@lingui/core/macro'
import type { UploadPlan } from '@contract/folders.ts'
import { notifications } from '@mantine/notifications'
import type { Connection } from './connection.ts'
import { question } from './question.ts'
import { uploadFile } from './transfers.ts'

/** Files of this computer that are wanted on the machine of the bench. */
export interface Outgoing {
  files: readonly File[]
  /** null: with the bench's own data. */
  folder: string | null
}

/** What becomes of files whose names are taken. */
type Way = 'replace' | 'rename'

const taken = question<UploadPlan, Way>()

/** What the person is asked before something is replaced; see taken-names.tsx. */
export const useTakenNames = taken.useQuestion

/** Uploads an image, with the block map that belongs to it, or another file. Answers its path; null when the person thought better of it, or there is a map alone. */
export async function bringFiles(connection: Connection, { files, folder: wanted }: Outgoing): Promise<string | null> {
  const { engine } = await connection.opened()
  const plan = await engine.folders.planUpload({ folder: wanted, files: files.map(({ name, size }) => ({ name, sizeBytes: size })) })
  const { folder } = plan
  const way = plan.files.some(({ isThere }) => isThere) ? await taken.ask(plan) : 'replace'
  if (way === null) return null
  const paths: string[] = []
  for (const [index, file] of files.entries()) {
    const name = (way === 'rename' && plan.files[index]?.otherName) || file.name
    const isReplacing = way === 'replace' && plan.files[index]?.isThere === true
    paths.push(await uploadFile(file, { folder, name, isReplacing }))
  }
  const path = paths.find((each) => !each.endsWith('.bmap')) ?? null
  if (path === null) notifications.show({ message: t`The block map is uploaded to ${folder}`, color: 'green', withBorder: true })
  return path
}
