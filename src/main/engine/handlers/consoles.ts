import { boardRoad, journalRoad, serialRoad, sshRoad } from '../console-roads.ts'
import { sendBreak } from '../consoles/line.ts'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import type { EngineParts } from '../parts.ts'
import { listSerialPorts } from '../provision/serial/ports.ts'
import type { Operations } from '../router.ts'
import { findDevice } from '../server/device-actions.ts'
import { deviceOfBoard } from '../views/board-view.ts'
import { live, streamed } from './live.ts'

/** Any terminal of this machine can be opened as a serial port: who asks from elsewhere gets the ports alone. NOT_FOUND. */
async function requirePort({ files, machine }: Host, path: string): Promise<void> {
  const ports = await listSerialPorts(files, machine.platform)
  if (!ports.some((port) => port.path === path))
    throw new AppError('NOT_FOUND', `There is no serial port ${path}`, 'See otabench serial list.')
}

export function consoleHandlers(os: Operations, parts: EngineParts) {
  const { boards, consoles, ports, actions } = parts
  return {
    list: os.consoles.list.handler(live([consoles.changes, ports.changes], () => consoles.list())),
    openSerial: os.consoles.openSerial.handler(async ({ input: { path, ...request }, context }) => {
      if (context.isRemote) await requirePort(parts.host, path)
      return consoles.open(serialRoad(parts, path), request)
    }),
    openSsh: os.consoles.openSsh.handler(({ input: { hops, deviceId, ...size } }) =>
      consoles.open(sshRoad(parts, hops, size), { deviceId }),
    ),
    openJournal: os.consoles.openJournal.handler(({ input: { hops, deviceId, lines } }) =>
      consoles.open(journalRoad(parts, hops, lines), { deviceId: findDevice(actions, deviceId).id }),
    ),
    openBoard: os.consoles.openBoard.handler(({ input: { name } }) =>
      consoles.open(boardRoad({ boards, ports }, name), { deviceId: deviceOfBoard(boards.get(name), parts)?.id ?? null }),
    ),
    attach: os.consoles.attach.handler(streamed(({ id }: { id: string }, signal) => consoles.find(id).follow(signal))),
    type: os.consoles.type.handler(({ input }) => consoles.find(input.id).line().write(Buffer.from(input.data, 'base64'))),
    resize: os.consoles.resize.handler(({ input: { id, ...size } }) => consoles.find(id).line().resize?.(size)),
    sendBreak: os.consoles.sendBreak.handler(({ input }) => sendBreak(consoles.find(input.id).line())),
    setLine: os.consoles.setLine.handler(({ input }) => consoles.find(input.id).setLine(input.settings)),
    findBaudRate: os.consoles.findBaudRate.handler(({ input }) => consoles.findBaudRate(input.id)),
    sendFile: os.consoles.sendFile.handler(({ input }) => consoles.sendFile(input.id, input.from, input.to)),
    join: os.consoles.join.handler(({ input: { id, deviceId } }) =>
      consoles.join(id, deviceId === null ? null : findDevice(actions, deviceId).id),
    ),
    close: os.consoles.close.handler(({ input }) => consoles.close(input.id)),
    logs: os.consoles.logs.handler(async ({ input: { deviceId } }) => ({
      folder: consoles.logs.folderOf(deviceId),
      files: await consoles.logs.list(deviceId),
    })),
  }
}
