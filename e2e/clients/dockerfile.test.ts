import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { z } from 'zod'

const root = join(import.meta.dirname, '../..')
const words = z.array(z.string()).min(1)

interface Instruction {
  name: string
  rest: string
}

/** The instructions of each stage of a Dockerfile, which has one a line. */
function readStages(text: string): Instruction[][] {
  const stages: Instruction[][] = []
  for (const line of text.split('\n')) {
    const [, name, rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (name === undefined) expect(line).toMatch(/^(#.*)?$/)
    else if (name === 'FROM') stages.push([{ name, rest }])
    else stages.at(-1)?.push({ name, rest })
  }
  return stages
}

const quoted = (list: readonly string[]) => list.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')

/**
 * The last stage as a script, with this machine's own Debian, unchanged below an overlay, in place of the base image, and this checkout
 * in place of what the first stage has built: it starts what the container would, asks its health, and stops it as `docker stop` does.
 */
function scriptOf(stage: readonly Instruction[], folder: string): string {
  const one = (name: string) => stage.find((each) => each.name === name)?.rest ?? ''
  const list = (name: string) => quoted(words.parse(JSON.parse(one(name).replace(/^CMD /, ''))))
  const runs = stage.filter(({ name }) => name === 'RUN').map(({ rest }) => `chroot "$R" sh -c ${quoted([rest])}`)
  const asUser = `chroot --userspec=${one('USER')}:${one('USER')} "$R"`
  return [
    'set -eu',
    `R=${folder}/root; mkdir -p ${folder}/upper ${folder}/work "$R"`,
    `mount -t overlay overlay -o lowerdir=/,upperdir=${folder}/upper,workdir=${folder}/work "$R"`,
    'mount -t proc proc "$R/proc"; mount --rbind /dev "$R/dev"; mount -t tmpfs tmpfs "$R/tmp"; ip link set lo up',
    'mkdir -p "$R/opt/ota-bench"',
    ...runs,
    `mount --bind ${root} "$R/opt/ota-bench"; mount -o remount,bind,ro "$R/opt/ota-bench"`,
    `${asUser} ${list('ENTRYPOINT')} ${list('CMD')} > ${folder}/said 2>&1 & server=$!`,
    // whoever waits for a container asks again and again too
    `until grep -q '^ready ' ${folder}/said; do kill -0 $server; sleep 0.1; done`,
    `cat ${folder}/said`,
    `${asUser} ${list('HEALTHCHECK')} && echo healthy`,
    'chroot "$R" stat -c "data of %U, mode %a" /data',
    'kill -TERM $server; wait $server && echo stopped',
  ].join('\n')
}

it('the last stage of the Dockerfile serves as its own user, is healthy, and stops when it is told to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-dockerfile-'))
  try {
    const stages = readStages(await readFile(join(root, 'resources/deploy/Dockerfile'), 'utf8'))
    const last = stages.at(-1) ?? []
    const known = ['FROM', 'RUN', 'COPY', 'USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']
    expect(stages.flat().filter(({ name }) => !known.includes(name))).toEqual([])
    expect(last.filter(({ name }) => name === 'COPY').map(({ rest }) => rest)).toEqual(['--from=build /opt/ota-bench /opt/ota-bench'])
    const unshare = ['--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', scriptOf(last, folder)]
    const { stdout } = await promisify(execFile)('unshare', unshare, { env: { ...process.env, OTABENCH_ADMIN_PASSWORD: 'bench' } })
    expect(stdout).toMatch(/ready http:\/\/\S+:8080 https:\/\/\S+:8443\nhealthy\ndata of otabench, mode 700\n/)
    expect(stdout.trimEnd().endsWith('stopped')).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})
