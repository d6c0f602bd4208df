// flash.mjs MODULES IMAGE DEVICE BYTES: writes as balenaEtcher does, with etcher-sdk of that node_modules: trimmed and verified.
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'

/** In place of its native modules, which would have to be compiled: aligned memory, and the unmounting of what is not mounted. */
const NATIVE = {
  '@ronomon/direct-io': `exports.getAlignedBuffer = (size) => {
    const pages = Math.ceil(size / 65536)
    return Buffer.from(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer, 0, size)
  }`,
  mountutils: 'exports.unmountDisk = (device, done) => done()',
}
registerHooks({
  resolve: (name, context, next) =>
    name in NATIVE ? { url: `native:${name}`, format: 'commonjs', shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url.startsWith('native:') ? { format: 'commonjs', source: NATIVE[url.slice(7)], shortCircuit: true } : next(url, context),
})

const [modules = '', image = '', device = '', bytes = ''] = process.argv.slice(2)
const sdk = createRequire(join(modules, 'etcher-sdk/build/'))
const { decompressThenFlash } = sdk('./multi-write')
const { File } = sdk('./source-destination/file')
const { BlockDevice } = sdk('./source-destination/block-device')

const drive = { raw: device, device, devicePath: null, size: Number(bytes), blockSize: 512, isReadOnly: false, mountpoints: [] }
const { failures } = await decompressThenFlash({
  source: new File({ path: image }),
  destinations: [new BlockDevice({ drive, write: true, direct: true })],
  ...{ verify: true, trim: true, decompressFirst: true, numBuffers: 2 },
  onFail: (_, error) => console.error(error),
  onProgress: () => undefined,
})
process.exitCode = failures.size === 0 ? 0 : 1
