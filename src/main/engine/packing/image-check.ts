import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { toAppError } from '../../contract/errors.ts'

/**
 * Lets fsck look at an image and mend what is safe to mend, as mender-artifact does with a snapshot: a running file system leaves a
 * journal to replay. Answers in words what came of it. VERIFY_FAILED when more is wrong.
 */
export async function checkImage(path: string, host: Pick<Host, 'files' | 'programs'>, signal: AbortSignal): Promise<string> {
  const program = await checkerOf(path, host)
  if (program === null) return 'The snapshot was not checked: it holds neither an ext nor a FAT file system.'
  try {
    const { exitCode, stdout, stderr } = await host.programs.run(program, ['-a', path], { signal })
    const said = `${stdout}${stderr}`
    if (exitCode === 0) return 'The file system of the snapshot is clean.'
    if (exitCode === 1) return 'The file system of the snapshot was in use; its journal is replayed and it is clean now.'
    if (/unsupported feature/i.test(said)) return `The snapshot was not checked: ${program} here is too old for its file system.`
    const hint = 'Take the snapshot again while the device is idle; if that does not help, check the file system on the device.'
    throw new AppError('VERIFY_FAILED', `${program} finds the file system of the snapshot damaged: ${lastLine(said)}`, hint)
  } catch (thrown) {
    if (toAppError(thrown).code !== 'TOOL_MISSING') throw thrown
    return `The snapshot was not checked: ${program} is not installed here.`
  }
}

function lastLine(text: string): string {
  return (
    text
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim() ?? 'it does not say what'
  )
}

const EXT_MAGIC = { at: 1080, bytes: [0x53, 0xef] }
const FAT_NAMES = [54, 82]

async function checkerOf(path: string, { files }: Pick<Host, 'files'>): Promise<string | null> {
  await using file = await files.open(path, 'read')
  const start = new Uint8Array(2048)
  await file.read(start, 0)
  if (EXT_MAGIC.bytes.every((byte, index) => start[EXT_MAGIC.at + index] === byte)) return 'fsck.ext4'
  const isFat = FAT_NAMES.some((at) => Buffer.from(start.subarray(at, at + 3)).toString('latin1') === 'FAT')
  return isFat ? 'fsck.vfat' : null
}
