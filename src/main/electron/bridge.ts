import { ipcMain, MessageChannelMain, type MessagePortMain } from 'electron'

/** What a page may ask a port to. */
export type PortKind = 'engine' | 'desktop'

/** Hands a page of ours a fresh port whenever it asks: one to the engine, one to the shell itself. */
export function bridgePages(join: Record<PortKind, (port: MessagePortMain) => void>, isOurs: (url: string) => boolean): void {
  ipcMain.on('connect', (event, kind: unknown) => {
    if (!isOurs(event.senderFrame?.url ?? '')) return
    if (kind !== 'engine' && kind !== 'desktop') return
    const { port1, port2 } = new MessageChannelMain()
    event.sender.postMessage('port', kind, [port2])
    join[kind](port1)
  })
}
