import type { Drive } from '../../contract/drives.ts'
import { type Failure, toAppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { type SystemFiles, systemFiles } from '../lib/system-files.ts'
import { type Examined, PROGRAMS } from './findings.ts'

/** The server's usual TCP ports. */
const PORTS = [8080, 8443]

export interface DoctorParts {
  host: Host
  dataFolder: string
  listDrives(): Promise<Drive[]>
  hasHelper(): Promise<boolean>
  /** Why udisks cannot be asked to open drives; null when it can. */
  udisksProblem(): Promise<string | null>
  /** Where the server listens. */
  urls(): readonly string[]
  isPortFree(port: number): Promise<boolean>
}

/** Looks at everything that `otabench doctor` speaks of. Changes nothing, and asks for no password. */
export async function examine({
  host,
  dataFolder,
  listDrives,
  hasHelper,
  udisksProblem,
  urls,
  isPortFree,
}: DoctorParts): Promise<Examined> {
  const { machine } = host
  const system = systemFiles(host.files)
  const found = await Promise.all(PROGRAMS.map(async (name) => ((await host.programs.find(name)) === null ? [] : [name])))
  const taken = urls().length > 0 ? [] : await Promise.all(PORTS.map(async (port) => ((await isPortFree(port)) ? [] : [port])))
  return {
    ...{ platform: machine.platform, nodeVersion: machine.nodeVersion, isRoot: machine.userId === 0, dataFolder },
    groups: await groupsOf(host),
    programs: new Set(found.flat()),
    freeBytes: await machine.freeBytes(dataFolder),
    ...(await drivesOrWhyNot(listDrives)),
    hasHelper: await hasHelper(),
    udisksProblem: await udisksProblem(),
    ...(await kernelFacts(system)),
    serialPorts: await serialPorts(host, system),
    urls: urls(),
    takenPorts: taken.flat(),
  }
}

async function drivesOrWhyNot(listDrives: DoctorParts['listDrives']): Promise<{ drives: Drive[]; unlisted: Failure | null }> {
  try {
    return { drives: await listDrives(), unlisted: null }
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.code !== 'TOOL_MISSING') throw thrown
    return { drives: [], unlisted: error.toFailure() }
  }
}

async function groupsOf({ programs }: Host): Promise<string[]> {
  if ((await programs.find('id')) === null) return []
  return (await programs.run('id', ['-Gn'])).stdout.trim().split(/\s+/)
}

async function kernelFacts(system: SystemFiles): Promise<Pick<Examined, 'hasUdev' | 'hasDiskSequence' | 'hasSandbox'>> {
  const [disk] = await system.names('/sys/block')
  const [namespaces, cloning, profiles] = await Promise.all([
    system.text('/proc/sys/user/max_user_namespaces'),
    system.text('/proc/sys/kernel/unprivileged_userns_clone'),
    system.text('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
  ])
  return {
    hasUdev: await system.isThere('/run/udev/control'),
    hasDiskSequence: disk === undefined || (await system.isThere(`/sys/block/${disk}/diskseq`)),
    hasSandbox: namespaces !== '0' && cloning !== '0' && profiles !== '1',
  }
}

async function serialPorts({ machine }: Host, system: SystemFiles): Promise<Examined['serialPorts']> {
  const names = (await system.names('/dev')).filter((name) => /^tty(USB|ACM|AMA)\d+$/.test(name))
  return Promise.all(names.map(async (name) => ({ path: `/dev/${name}`, isOpen: await machine.canWrite(`/dev/${name}`) })))
}
