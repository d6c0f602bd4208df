// Downloads of one file side by side, in a process of their own. What comes is counted and thrown away.
import { get } from 'node:http'
import type { DownloadOrder } from '../downloads.ts'

process.on('message', ({ urls }: DownloadOrder) => {
  const startedAt = performance.now()
  void Promise.all(urls.map(download)).then((sizes) =>
    process.send?.({ bytes: sizes.reduce((sum, size) => sum + size, 0), ms: performance.now() - startedAt }),
  )
})

function download(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => {
      let bytes = 0
      if (answer.statusCode !== 200) reject(new Error(`${url}: ${answer.statusCode}`))
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length))
      answer.on('end', () => resolve(bytes)).on('error', reject)
    }).on('error', reject)
  })
}
