import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeHost } from '../host.node.ts'
import { realParts } from './boards.cases.ts'
import { readDefinition } from './definition.ts'

const folder = realParts().definitionFolder

it('is found beside the code', () => {
  expect(dirname(folder).endsWith('/resources/boards')).toBe(true)
})

it('has scripts that pass shellcheck', async () => {
  const { rootfs, initramfs } = await readDefinition(nodeHost().files, folder)
  const scripts = [
    ...rootfs.map((each) => ({ ...each, file: join(folder, 'rootfs', each.path) })),
    ...initramfs.map((each) => ({ ...each, file: join(folder, 'initramfs', each.path) })),
  ].filter(({ content }) => Buffer.from(content).toString().startsWith('#!'))
  expect(scripts.map(({ path }) => path)).toContain('/etc/init.d/start')
  // what is referenced and not assigned comes from udhcpc
  const words = ['-s', 'sh', '-e', 'SC2154', ...scripts.map(({ file }) => file)]
  expect(execFileSync('shellcheck', words, { encoding: 'utf8' })).toBe('')
})
