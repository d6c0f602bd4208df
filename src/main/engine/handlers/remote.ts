import type { TerminalEvent } from '../../contract/remote.ts'
import { toAppError, toWire } from '../../contract/errors.ts'
import { commandClient } from '../connect/conversation.ts'
import type { TerminalEvent as DeviceEvent } from '../connect/terminal.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { actorOf } from '../server/audit.ts'
import { configureDevice, deployConfiguration } from '../server/configuration-actions.ts'
import { pollSoon } from '../server/connect-actions.ts'
import { findDevice } from '../server/device-actions.ts'
import type { TerminalRecording } from '../server/recordings.ts'
import { live } from './live.ts'
import { fetchFile, sendFile } from './remote-files.ts'

export function remoteHandlers(os: Operations, parts: EngineParts) {
  const { actions, changes, lines, recordings, store, terminals } = parts
  const recorded = new Map<string, TerminalRecording>()
  return {
    terminal: os.remote.terminal.handler(async function* ({ input: { deviceId, ...size }, signal, context }) {
      let recording: TerminalRecording | null = null
      try {
        findDevice(actions, deviceId)
        for await (const event of terminals.open(deviceId, size, signal)) {
          if (event.kind === 'opened') {
            recording = recordings.begin({ ...actorOf(context.visitor ?? null), address: context.address ?? '', deviceId, ...size })
            if (recording) recorded.set(event.terminalId, recording)
          } else if (event.kind === 'output') recording?.output(event.bytes)
          yield toView(event)
        }
      } catch (thrown) {
        throw toWire(toAppError(thrown))
      } finally {
        await recording?.end()
        for (const [id, each] of recorded) if (each === recording) recorded.delete(id)
      }
    }),
    type: os.remote.type.handler(({ input }) => terminals.type(input.terminalId, Buffer.from(input.data, 'base64'))),
    resize: os.remote.resize.handler(({ input: { terminalId, ...size } }) => {
      terminals.resize(terminalId, size)
      recorded.get(terminalId)?.resize(size.columns, size.rows)
    }),
    pollNow: os.remote.pollNow.handler(({ input, signal }) =>
      commandClient(lines, findDevice(actions, input.deviceId).id, 'check-update', signal),
    ),
    getFile: os.remote.getFile.handler(({ input }) => fetchFile(input, parts)),
    putFile: os.remote.putFile.handler(({ input }) => sendFile(input, parts)),
    configuration: os.remote.configuration.handler(
      live([changes.devices], ({ deviceId }: { deviceId: string }) => store.configurations.get(findDevice(actions, deviceId).id)),
    ),
    configure: os.remote.configure.handler(({ input }) => configureDevice(actions, input.deviceId, input.values)),
    deployConfiguration: os.remote.deployConfiguration.handler(async ({ input: { deviceId } }) => {
      const deployed = await deployConfiguration(actions, { deviceId, updateControlMap: null })
      pollSoon({ ...actions, lines }, deviceId)
      return deployed
    }),
  }
}

function toView(event: DeviceEvent): TerminalEvent {
  return event.kind === 'output' ? { kind: 'output', data: Buffer.from(event.bytes).toString('base64') } : event
}
