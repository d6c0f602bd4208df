import { describe, expect, it } from 'vitest'
import { Workshop } from './artifact-sign.cases.ts'

const shop = new Workshop('read')

/** What a text of `mender-artifact read` says, in one shape for 3.x and 4.x: facts by name, sorted. */
function factsOf(text: string): string[] {
  return text
    .replaceAll(/^ *(?:- )?(checksum|modified|name|size): +/gm, '      $1: ')
    .replace("Compatible devices: '", 'Compatible types: ')
    .replace(/(Compatible types: .*)'$/m, '$1')
    .replace(/Compatible types: \[(.*)\]/, (_all, types: string) => `Compatible types: [${types.replaceAll(/,? /g, ' ')}]`)
    .replaceAll('["', '[')
    .replaceAll('"]', ']')
    .replaceAll('", "', ', ')
    .replaceAll(/: (Nothing|None|\{\}|\[\])$/gm, ':')
    .split('\n')
    .map((line) => line.trim().replace(/^- /, '').replaceAll(/: +/g, ': '))
    .filter((line) => !/^(?:0:|Mender [Aa]rtifact:|Compression: .*|Clears Provides:|)$/.test(line))
    .toSorted()
}

const ARTIFACTS: readonly (readonly [what: string, line: string])[] = [
  ['a module', 'module-image -T script -n r -t d -f update.sh'],
  [
    'a module with everything',
    'module-image -T script -n r -t d1 -t d2 -f update.sh -f meta.json -m meta.json -s ArtifactInstall_Enter_00 -g lab -G a -G b -N old -N older -d k:v -p a:b --clears-provides x.*',
  ],
  ['a module without files', 'module-image -T script -n r -t d'],
  ['a module without defaults', 'module-image -T script -n r -t d --no-default-software-version'],
  ['a root file system', 'rootfs-image -n r -t d -f rootfs.ext4'],
  [
    'a root file system with names of its own',
    'rootfs-image -n r -t d -f rootfs.ext4 --software-filesystem data --software-name app --software-version 3 --no-checksum-provide',
  ],
  ['a bootstrap artifact', 'bootstrap-artifact -n r -t d -p a:b'],
  ['format 2', 'rootfs-image -v 2 -n r -t d1 -t d2 -f rootfs.ext4 -s ArtifactInstall_Enter_00'],
]
const MATRIX = ARTIFACTS.flatMap(([what, line]) =>
  (['', ' -k rsa.pem'] as const).map((key) => ({ what, line: `write ${line}${key} -o a.mender`, key: key || 'not signed' })),
)

describe('artifact read', () => {
  it.each(MATRIX)('says what mender-artifact 3.9 says of $what, $key', async ({ line, key }) => {
    for (const writer of ['ours', 'theirs']) {
      if (writer === 'ours') await shop.succeed(line)
      else shop.tool('mender-artifact', ...line.split(' '))
      for (const flags of key === 'not signed' ? [''] : ['', ' -k rsa.pub']) {
        const theirs = shop.tool('sh', '-c', `TZ=UTC mender-artifact read a.mender${flags} 2>/dev/null`)
        const ours = (await shop.succeed(`read a.mender${flags}`)).stdout
          .replace(/^Warnings:\n(?: .*\n)*/m, '')
          .replace(' with rsa.pub', '')
        expect(factsOf(ours)).toEqual(factsOf(theirs))
      }
    }
  })

  it('prints the lines of mender-artifact 4.x, and ours where nobody trips over them', async () => {
    await shop.succeed(
      'write module-image -T script -n r -t d -t e -f update.sh -m meta.json -s ArtifactInstall_Enter_00 -d k:v --reproducible -o a.mender',
    )
    expect((await shop.succeed('read a.mender')).stdout).toBe(`Mender Artifact:
  Name: r
  Format: mender
  Version: 3
  Signature: no signature
  Compatible types: [d, e]
  Provides group: 
  Depends on one of artifact(s): []
  Depends on one of group(s): []
  State scripts:
    - ArtifactInstall_Enter_00
  Compression: gzip

Updates:
  - Type: script
    Provides:
      rootfs-image.script.version: r
    Depends:
      k: v
    Clears Provides: [rootfs-image.script.*]
    Metadata:
      {
        "a": [
          1,
          "\\u003c"
        ],
        "b": 2
      }
    Files:
      - checksum: 8e3b373dfc5b0fd0e9fb0250bccbd05be76eed20f50feb99aa7547494e1e170e
        modified: 1970-01-01 00:00:00 +0000 UTC
        name: update.sh
        size: 23
`)
  })

  it('answers programs in one shape', async () => {
    await shop.succeed('write module-image -T script -n r -t d -f update.sh -m meta.json -g lab -k rsa.pem --reproducible -o a.mender')
    const run = await shop.succeed('read a.mender -k ec.pub -k rsa.pub', { isJson: true })
    expect(JSON.parse(run.stdout)).toEqual({
      formatVersion: 3,
      name: 'r',
      group: 'lab',
      deviceTypes: ['d'],
      payloadType: 'script',
      compression: 'gzip',
      dependsNames: [],
      dependsGroups: [],
      provides: { 'rootfs-image.script.version': 'r' },
      depends: {},
      clearsProvides: ['rootfs-image.script.*'],
      scripts: [],
      metaData: { a: [1, '<'], b: 2 },
      files: [{ name: 'update.sh', sizeBytes: 23, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), modifiedAt: 0 }],
      signature: { present: true, verifiedBy: 'rsa.pub' },
      warnings: [],
    })
    expect(JSON.parse((await shop.succeed('validate a.mender -k rsa.pub', { isJson: true })).stdout)).toEqual({
      ...{ path: 'a.mender', name: 'r', isValid: true },
      ...{ signature: { present: true, verifiedBy: 'rsa.pub' }, warnings: [] },
    })
  })

  it('takes an augmented artifact with a loud warning, and lint refuses it', async () => {
    const flags = '-T script -n r -t d -f update.sh --augment-type more --augment-file meta.json -k rsa.pem -o a.mender'
    shop.tool('mender-artifact', 'write', 'module-image', ...flags.split(' '))
    for (const command of ['read', 'validate']) {
      const run = await shop.succeed(`${command} a.mender -k rsa.pub`)
      expect(run.stderr).toMatch(/^warning: a.mender: it is augmented: the signature covers neither/m)
    }
    expect(await shop.run('lint a.mender')).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('it is augmented') })
    expect((await shop.run('will-install a.mender --provides device_type=d')).exitCode).not.toBe(0)
  })
})
