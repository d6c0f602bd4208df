import { resolve } from 'node:path'
import { Associations } from './associations/associations.ts'
import type { Host } from './host.ts'

const ICON = 'resources/desktop/ota-bench.svg'

/** `program` is a folder of the built program. A checkout has ./run, by which a desktop starts the app. */
export async function associationsOf(host: Host, program: string): Promise<Associations> {
  const above = ['..', '../..', '../../..', '../../../..'].map((way) => resolve(program, way))
  for (const root of above) {
    if (!(await host.files.stat(`${root}/${ICON}`))) continue
    const isThere = (await host.files.stat(`${root}/run`))?.kind === 'file'
    return new Associations({ host, launch: isThere ? [`${root}/run`, 'app'] : null, iconFile: `${root}/${ICON}` })
  }
  return new Associations({ host, launch: null, iconFile: '' })
}
