import { AppError } from '../contract/errors.ts'
import { seedBeside } from './compose/seed-image.ts'
import { privateKeyNamed } from './device-register.ts'
import { KnownImages } from './flash/known-images.ts'
import { UnpackedImages } from './flash/unpacked-images.ts'
import { writeUnitCard } from './flash/write-card.ts'
import { normaliseIdentity } from './fleet/identity.ts'
import { sha256Of } from './lib/file-streams.ts'
import type { EngineParts } from './parts.ts'
import type { StationImage, StationParts } from './provision/station/parts.ts'
import { Station } from './provision/station/station.ts'
import type { UnitServer } from './provision/unit/make-unit.ts'
import { RemoteDevices } from './publish/remote-devices.ts'
import { decommissionDevice, preauthorizeDevice } from './server/device-actions.ts'

type Needed = Pick<EngineParts, 'host' | 'jobs' | 'drives' | 'actions' | 'dataFolder' | 'newId' | 'keyRing'> &
  Pick<StationParts, 'onDefect'>

/** The station, out of the parts that it is made of. */
export function openStation({ host, jobs, drives, actions, dataFolder, newId, keyRing, onDefect }: Needed): Station {
  const privateKey = (name: string) => privateKeyNamed({ keyRing }, name)
  const { files, programs, clock } = host
  const targets = {
    writer: programs.writer,
    holdDrive: (target: Parameters<typeof drives.hold>[0]) => drives.hold(target, programs.writer),
  }
  const known = new KnownImages(host, `${dataFolder}/station/known-images`)
  const nothing = (): void => undefined
  return new Station({
    ...{ host, folder: dataFolder, drives, newId, privateKey, onDefect, bench: benchServer(actions) },
    startJob: (request, work) => jobs.start(request, work),
    // The station removes what is unpacked when it is switched off: each time begins anew.
    openImage: (path, signal) => {
      const unpacked = new UnpackedImages({ files, programs, folder: `${dataFolder}/station/unpacked` })
      return openImage(path, { unpacked, files, signal })
    },
    seedBeside: (image, overlay, seed, context) =>
      seedBeside(image, overlay, seed, {
        ...{ ...context, files, modifiedAt: clock.now(), onStep: nothing, onProgress: nothing, warn: nothing },
      }),
    write: ({ spoolPath, ...card }) => writeUnitCard(card, { host, targets, spoolPath, known }),
    serverAt: (url, token) => new RemoteDevices(url, token),
  })
}

interface Opening {
  unpacked: UnpackedImages
  files: EngineParts['host']['files']
  signal: AbortSignal
}

async function openImage(named: string, { unpacked, files, signal }: Opening): Promise<StationImage> {
  const { format } = await unpacked.rawPath(named)
  if (format === 'artifact') throw new AppError('BAD_INPUT', `${named} is an artifact`, 'Name the image of a whole card.')
  const path = await unpacked.of(named, { signal, onProgress: () => undefined })
  const storedSha256 = await sha256Of(files, named, signal)
  return { path, storedSha256, sha256: path === named ? storedSha256 : await sha256Of(files, path, signal) }
}

/** This bench's own devices. */
function benchServer(actions: EngineParts['actions']): UnitServer {
  const { store } = actions
  return {
    name: 'this bench',
    expect: async (device) => preauthorizeDevice(actions, device).id,
    async withdraw({ deviceId, identity, keyFingerprint }) {
      const known = deviceId === null ? store.devices.byIdentityHash(normaliseIdentity(identity).hash) : store.devices.get(deviceId)
      if (known && (deviceId !== null || store.authsets.byKey(known.id, keyFingerprint))) decommissionDevice(actions, known.id)
    },
  }
}
