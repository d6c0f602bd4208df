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
      ...{ group: 'beta', dependsNames: ['v1', 'v2'], dependsGroups: ['lab'] },
      ...{ clearsProvides: ['old.*'], scripts: ['/s/ArtifactInstall_Enter_01'], compression: 'gzip' },
    }
    expect(shellLine(writeWords(parse(more), 'release.pem'))).toBe(
      'otabench artifact write script -n conf-v1 -t a -t b -f /s/one.sh -f /s/two-words.sh --software-filesystem data --software-name app ' +
        "--software-version 1.2 -p k:v -d rootfs-image.version:v1 -g beta -N v1 -N v2 -G lab --clears-provides 'old.*' -s /s/ArtifactInstall_Enter_01 " +
        '--compression gzip --reproducible -k release.pem -o conf-v1.mender',
    )
  })
})

describe('the equivalent command line of a kind', () => {
  it.each([
    [{ kind: 'directory', destination: '/opt/app' }, '--dest-dir /opt/app -f /tmp/app.conf'],
    [{ kind: 'deb', paths: ['/a.deb', '/b.deb'], destination: '' }, '-f /a.deb -f /b.deb'],
    [{ kind: 'docker', paths: [], containers: ['a:1', 'b'], runArgs: '--rm -p 80:80' }, "--image a:1 --image b '--run-args=--rm -p 80:80'"],
    [{ kind: 'docker-compose', projectName: 'shop', imagesPath: '/images' }, '--project-name shop --images-dir /images -f /tmp/app.conf'],
    [{ kind: 'module-image', payloadType: 'mine', metaDataPath: '/m.json' }, '-T mine -m /m.json -f /tmp/app.conf'],
    [{ kind: 'bootstrap-artifact', paths: [] }, ''],
  ])('says what is its own: %o', (more, words) => {
    const { kind } = more
    const line = `otabench artifact write ${kind} -n conf-v1 -t a -t b ${words} --compression none --reproducible -o conf-v1.mender`
    expect(shellLine(writeWords(parse({ destination: '', ...more }), null))).toBe(line.replace('  ', ' '))
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
    ['paths', { paths: [] }],
    ['paths', { kind: 'directory', paths: ['/a', '/b'] }],
    ['destination', { kind: 'directory', paths: ['/a'], destination: '/' }],
    ['destination', { kind: 'directory', paths: ['/a'], destination: '//' }],
    ['destination', { kind: 'directory', paths: ['/a'], destination: '/opt/../..' }],
    ['destination', { kind: 'directory', paths: ['/a'], destination: '/opt/my app' }],
    ['destination', { kind: 'directory', paths: ['/a'], destination: '/opt/*' }],
    ['destination', { kind: 'directory', paths: ['/a'], destination: '' }],
    ['paths', { kind: 'deb', paths: ['/a/tool.rpm'] }],
    ['paths', { kind: 'rpm', paths: [] }],
    ['containers', { kind: 'docker', paths: [] }],
    ['containers', { kind: 'docker', paths: [], containers: ['two words'] }],
    ['containers', { kind: 'docker', paths: [], containers: ['$(reboot)'] }],
    ['runArgs', { kind: 'docker', paths: [], containers: ['a'], runArgs: 'a\nb' }],
    ['paths', { kind: 'docker', containers: ['a'] }],
    ['projectName', { kind: 'docker-compose', paths: ['/a'], imagesPath: '/b' }],
    ['projectName', { kind: 'docker-compose', paths: ['/a'], imagesPath: '/b', projectName: 'a.b' }],
    ['imagesPath', { kind: 'docker-compose', paths: ['/a'], projectName: 'a' }],
    ['payloadType', { kind: 'module-image' }],
    ['metaDataPath', { kind: 'module-image', payloadType: 'x', metaDataPath: 'meta.json' }],
    ['paths', { kind: 'bootstrap-artifact' }],
    ['scripts', { kind: 'bootstrap-artifact', paths: [], scripts: ['/s'] }],
    ['compression', { compression: 'bzip2' }],
  ])('is refused with the path of the field: %s', (field, more) => {
    const { error } = newArtifact.safeParse({ compression: 'none', keyId: null, ...single, ...more })
    expect(error?.issues.map(({ path }) => path[0])).toEqual([field])
  })

  it('may be a folder or a package of any name, which go by another on the device', () => {
    for (const more of [
      { kind: 'directory', paths: ['/tmp/two words'] },
      { kind: 'deb', paths: ['/tmp/a_1.0+b1~rc2_all.deb'] },
    ])
      expect(parse(more)).toMatchObject(more)
  })
})
