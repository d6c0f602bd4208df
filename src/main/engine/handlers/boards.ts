import { boardPort } from '../../contract/boards.ts'
import { toAppError, toWire } from '../../contract/errors.ts'
import { cardPathIn } from '../boards/boards.ts'
import { readCard, variablesOf } from '../boards/card-facts.ts'
import { createBoard } from '../create-board.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { decommissionDevice } from '../server/device-actions.ts'
import { tryImage } from '../try-image.ts'
import { boardView, deviceOfBoard } from '../views/board-view.ts'
import { timelineOf } from '../views/timeline-view.ts'
import { makeUpdate, writeRootfs } from './board-updates.ts'
import { live } from './live.ts'

type Named = { name: string }

export function boardHandlers(os: Operations, parts: EngineParts) {
  const { boards, boardSources, changes, host, ports } = parts
  return {
    list: os.boards.list.handler(
      live([boards.changes, changes.devices, changes.deployments, changes.transfers], () =>
        boards.list().map((board) => boardView(board, boardSources)),
      ),
    ),
    create: os.boards.create.handler(({ input }) => ({ jobId: createBoard(input, parts) })),
    tryImage: os.boards.tryImage.handler(async ({ input }) => ({ jobId: await tryImage(input, parts) })),
    makeUpdate: os.boards.makeUpdate.handler(({ input }) => makeUpdate(input, parts)),
    writeRootfs: os.boards.writeRootfs.handler(({ input }) => writeRootfs(input, parts)),
    power: os.boards.power.handler(({ input }) => boards.power(input.name, input.action)),
    remove: os.boards.remove.handler(({ input }) => removeBoard(input.name, parts)),
    serial: os.boards.serial.handler(live([boards.changes], ({ name }: Named) => [...boards.get(name).machine.console.lines])),
    console: os.boards.console.handler(async function* ({ input, signal }) {
      try {
        for await (const bytes of boards.get(input.name).machine.console.follow(signal))
          yield { data: Buffer.from(bytes).toString('base64') }
      } catch (thrown) {
        throw toWire(toAppError(thrown))
      }
    }),
    type: os.boards.type.handler(({ input: { name, data } }) => {
      ports.refuseShared(boardPort(name), 0)
      boards.get(name).machine.type(Buffer.from(data, 'base64'))
    }),
    timeline: os.boards.timeline.handler(
      live(
        [boards.changes, changes.timeline, changes.deployments],
        ({ name, deploymentId }: Named & { deploymentId?: string | undefined }) => {
          const device = deviceOfBoard(boards.get(name), parts)
          return timelineOf({ id: device?.id ?? '', deploymentId }, parts)
        },
      ),
    ),
    environment: os.boards.environment.handler(async ({ input }) =>
      variablesOf(await readCard(host.files, cardPathIn(boards.get(input.name).folder))),
    ),
  }
}

/** The board is gone for good, so the server forgets it too. */
async function removeBoard(name: string, { boards, actions, store }: EngineParts): Promise<void> {
  const device = deviceOfBoard(boards.get(name), { store })
  await boards.remove(name)
  if (device) decommissionDevice(actions, device.id)
}
