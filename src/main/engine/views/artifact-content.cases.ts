import type { ArtifactContent } from '../../contract/artifacts.ts'

/** What a sound artifact without conditions says, for devices of the type `board`. */
export const ARTIFACT_CONTENT: ArtifactContent = {
  formatVersion: 3,
  name: 'v2',
  group: null,
  deviceTypes: ['board'],
  payloadType: 'rootfs-image',
  compression: 'gzip',
  dependsNames: [],
  dependsGroups: [],
  provides: {},
  depends: {},
  clearsProvides: [],
  scripts: [],
  metaData: null,
  files: [],
  signature: { present: false, verifiedBy: null },
  warnings: [],
}
