import { describe, expect, it } from 'vitest'
import { newArtifact } from './new-artifact.ts'
import { shellLine, writeWords } from './write-command.ts'

const single = { kind: 'single-file', paths: ['/tmp/app.conf'], destination: '/etc/app', name: 'conf-v1', deviceTypes: ['a', 'b'] }
const parse = (more: object) => newArtifact.parse({ compression: 'none', keyId: null, ...single, ...more })

describe('the equivalent command line', () => {
  it('says what the form says, and no default', () => {
    expect(shellLine(writeWords(parse({}), null))).toBe(
      'otabench artifact write single-file -n conf-v1 -t a -t b --dest-dir /etc/app -f /tmp/app.conf --compression none --reproducible -o conf-v1.mender',
    )
  })

  it('names everything that was filled in, with provides behind the software version that they win over', () => {
    const more = {
      ...{ kind: 'script', paths: ['/s/one.sh', '/s/two words.sh'.replace(' ', '-')], destination: '' },
      ...{
        softwareName: 'app',
        softwareVersion: '1.2',
        softwareFilesystem: 'data',
        provides: { k: 'v' },
        depends: { 'rootfs-image.version': 'v1' },
      },
      ...{ clearsProvides: ['old.*'], scripts: ['/s/ArtifactInstall_Enter_01'], compression: 'gzip' },
    }
    expect(shellLine(writeWords(parse(more), 'release.pem'))).toBe(
      'otabench artifact write script -n conf-v1 -t a -t b -f /s/one.sh -f /s/two-words.sh --software-filesystem data --software-name app ' +
        "--software-version 1.2 -p k:v -d rootfs-image.version:v1 --clears-provides 'old.*' -s /s/ArtifactInstall_Enter_01 " +
        '--compression gzip --reproducible -k release.pem -o conf-v1.mender',
    )
  })
})

describe('a new artifact', () => {
  it.each([
    ['name', { name: 'two words' }],
    ['deviceTypes', { deviceTypes: [] }],
    ['destination', { destination: 'etc' }],
    ['paths', { paths: ['/tmp/one', '/tmp/two'] }],
    ['paths', { paths: ['/tmp/filename'] }],
    ['paths', { paths: ['/tmp/two words'] }],
    ['paths', { kind: 'script', paths: ['/a/run.sh', '/b/run.sh'] }],
    ['provides', { provides: { artifact_name: 'x' } }],
    ['depends', { depends: { 'a:b': 'x' } }],
  ])('is refused with the path of the field: %s', (field, more) => {
    const { error } = newArtifact.safeParse({ compression: 'none', keyId: null, ...single, ...more })
    expect(error?.issues.map(({ path }) => path[0])).toEqual([field])
  })
})
