import type { TerminalEvent } from '../../contract/remote.ts'
import { toAppError, toWire } from '../../contract/errors.ts'
import { commandClient } from '../connect/conversation.ts'
import type { TerminalEvent as DeviceEvent } from '../connect/terminal.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { configureDevice, deployConfiguration } from '../server/configuration-actions.ts'
import { pollSoon } from '../server/connect-actions.ts'
import { findDevice } from '../server/device-actions.ts'
import { live } from './live.ts'
import { fetchFile, sendFile } from './remote-files.ts'

export function remoteHandlers(os: Operations, parts: EngineParts) {
  const { actions, changes, lines, store, terminals } = parts
  return {
    terminal: os.remote.terminal.handler(async function* ({ input: { deviceId, ...size }, signal }) {
      try {
        findDevice(actions, deviceId)
        for await (const event of terminals.open(deviceId, size, signal)) yield toView(event)
      } catch (thrown) {
        throw toWire(toAppError(thrown))
      }
    }),
    type: os.remote.type.handler(({ input }) => terminals.type(input.terminalId, Buffer.from(input.data, 'base64'))),
    resize: os.remote.resize.handler(({ input: { terminalId, ...size } }) => terminals.resize(terminalId, size)),
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
