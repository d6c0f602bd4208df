import { dirname } from 'node:path'
import { seedImage } from './compose/seed-image.ts'
import { deviceRegister, privateKeyNamed } from './device-register.ts'
import type { EngineParts } from './parts.ts'
import { Provisions } from './provision/provisions.ts'

type Ground = Pick<EngineParts, 'host' | 'dataFolder' | 'keyRing' | 'actions' | 'sources' | 'jobs' | 'ports'>

/** What provisions boards, with what it needs of the others. */
export function provisionsOf({ host, dataFolder, keyRing, actions, sources, jobs, ports }: Ground): Provisions {
  return new Provisions({
    ...{ host, ports, folder: dataFolder, register: deviceRegister({ actions, sources }) },
    startJob: (request, work) => jobs.start(request, work),
    privateKey: (name) => privateKeyNamed({ keyRing }, name),
    seedImage: (image, seed, job) =>
      seedImage(image, seed, {
        ...{ files: host.files, folder: dirname(image), modifiedAt: host.clock.now(), signal: job.signal },
        onStep: (step) => job.step(step),
        onProgress: (done, total) => job.progress(done, total, 'bytes'),
        warn: (text) => job.log(`warning: ${text}`),
      }),
  })
}
