import { describe, expect, it } from 'vitest'
import { type ProvidesOptions, withDefaults } from './provides.ts'

type Flags = Partial<ProvidesOptions>
type Expected = [provides: Record<string, string>, clears: string[]]

const NONE: Flags = { hasDefaultSoftwareVersion: false }

/** The matrix measured with mender-artifact 3.9, without the checksum, which the writer adds. */
const ROOTFS: [string, Flags, Expected][] = [
  ['no flags', {}, [{ 'rootfs-image.version': 'NAME' }, ['artifact_group', 'rootfs_image_checksum', 'rootfs-image.*']]],
  ['--software-name app', { softwareName: 'app' }, [{ 'rootfs-image.app.version': 'NAME' }, ['rootfs-image.app.*']]],
  ['--software-filesystem fs', { softwareFilesystem: 'fs' }, [{ 'fs.version': 'NAME' }, ['fs.*']]],
  [
    '--software-version 3',
    { softwareVersion: '3' },
    [{ 'rootfs-image.version': '3' }, ['artifact_group', 'rootfs_image_checksum', 'rootfs-image.*']],
  ],
  ['--no-default-software-version', NONE, [{}, []]],
  ['--no-default-software-version --software-version 3', { ...NONE, softwareVersion: '3' }, [{ 'rootfs-image.version': '3' }, []]],
  ['--no-default-clears-provides', { hasDefaultClearsProvides: false }, [{ 'rootfs-image.version': 'NAME' }, []]],
  [
    '--clears-provides X',
    { clearsProvides: ['X', 'rootfs-image.*'] },
    [{ 'rootfs-image.version': 'NAME' }, ['X', 'rootfs-image.*', 'artifact_group', 'rootfs_image_checksum']],
  ],
  [
    '-p rootfs-image.version:9',
    { provides: { 'rootfs-image.version': '9' } },
    [{ 'rootfs-image.version': '9' }, ['artifact_group', 'rootfs_image_checksum', 'rootfs-image.*']],
  ],
]

const MODULE: [string, Flags, Expected][] = [
  ['no flags', {}, [{ 'rootfs-image.TYPE.version': 'NAME' }, ['rootfs-image.TYPE.*']]],
  ['--software-name app', { softwareName: 'app' }, [{ 'rootfs-image.app.version': 'NAME' }, ['rootfs-image.app.*']]],
  ['--software-filesystem fs', { softwareFilesystem: 'fs' }, [{ 'fs.TYPE.version': 'NAME' }, ['fs.TYPE.*']]],
  ['--no-default-software-version', NONE, [{}, []]],
  ['--no-default-software-version --software-version 3', { ...NONE, softwareVersion: '3' }, [{ 'rootfs-image.version': '3' }, []]],
  ['--no-default-clears-provides', { hasDefaultClearsProvides: false }, [{ 'rootfs-image.TYPE.version': 'NAME' }, []]],
  ['--clears-provides X', { clearsProvides: ['X'] }, [{ 'rootfs-image.TYPE.version': 'NAME' }, ['X', 'rootfs-image.TYPE.*']]],
]

function defaults(payloadType: string, flags: Flags) {
  return withDefaults({
    payloadType,
    artifactName: 'NAME',
    hasDefaultSoftwareVersion: true,
    hasDefaultClearsProvides: true,
    provides: {},
    clearsProvides: [],
    ...flags,
  })
}

describe("provides get mender-artifact's defaults", () => {
  it.each(ROOTFS)('for a rootfs-image with %s', (_, flags, [provides, clearsProvides]) => {
    expect(defaults('rootfs-image', flags)).toEqual({ provides, clearsProvides })
  })

  it.each(MODULE)('for a module-image with %s', (_, flags, [provides, clearsProvides]) => {
    expect(defaults('TYPE', flags)).toEqual({ provides, clearsProvides })
  })
})
