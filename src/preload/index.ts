import { contextBridge, ipcRenderer, webUtils } from 'electron'

contextBridge.exposeInMainWorld('bench', {
  connect: (kind: 'engine' | 'desktop') => ipcRenderer.send('connect', kind),
  pathOf: (file: File) => webUtils.getPathForFile(file),
})
ipcRenderer.on('port', (event, kind: string) => window.postMessage({ port: kind }, window.location.origin, event.ports))
