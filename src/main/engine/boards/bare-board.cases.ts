import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { copyFile, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeHost } from '../host.node.ts'
import { freePort } from '../lib/free-port.cases.ts'
import { BoardMachine } from './board-machine.ts'
import type { Hardware } from './qemu-arguments.ts'

export const UBOOT = '/usr/lib/u-boot/qemu_arm64/u-boot.bin'

/** A folder as a board has it, with Debian's U-Boot and an empty card: U-Boot starts, finds nothing, and waits at its prompt. */
export async function emptyBoardFolder(): Promise<{ folder: string; cardPath: string; ubootPath: string } & Disposable> {
  if (!existsSync(UBOOT)) throw new Error('u-boot-qemu is not installed: apt-get install u-boot-qemu')
  const folder = mkdtempSync(join(tmpdir(), 'otabench-board-'))
  const [cardPath, ubootPath] = [join(folder, 'card.img'), join(folder, 'u-boot.bin')]
  await copyFile(UBOOT, ubootPath)
  await using card = await open(cardPath, 'w')
  await card.truncate(64 << 20)
  return { folder, cardPath, ubootPath, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A machine with that, and what it has noted. */
export async function openBareBoard(change: Partial<Hardware> = {}) {
  const place = await emptyBoardFolder()
  const { folder, cardPath, ubootPath } = place
  const notes: string[] = []
  const sshPort = await freePort()
  const machine = await BoardMachine.open({
    ...{ host: nodeHost(), folder, silenceMs: 60_000 },
    hardware: async () => ({ cardPath, ubootPath, memoryMiB: 128, mac: '52:54:00:00:00:01', sshPort, ...change }),
    trial: async () => null,
    onNote: ({ lane, text }) => notes.push(`${lane}: ${text}`),
  })
  return {
    ...{ machine, notes, folder },
    async [Symbol.asyncDispose]() {
      await machine.close()
      place[Symbol.dispose]()
    },
  }
}

/** The command lines of the processes whose command line names a folder. */
export function processesIn(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return words.includes(folder) ? [words] : []
    } catch {
      return []
    }
  })
}
