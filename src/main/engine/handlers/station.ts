import { AppError } from '../../contract/errors.ts'
import type { UnitRecord } from '../../contract/station.ts'
import { writeAtomic } from '../lib/file-streams.ts'
import type { EngineParts } from '../parts.ts'
import { labelText } from '../provision/station/label/label-text.ts'
import { sendLabel } from '../provision/station/label/send.ts'
import { importOrder, makeOrder, orderViews, removeOrder } from '../provision/station/work-orders.ts'
import { verifyChain } from '../provision/unit/chain.ts'
import { recordsText } from '../provision/unit/records-text.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function stationHandlers(os: Operations, { station, host }: Pick<EngineParts, 'station' | 'host'>) {
  const { changes } = station
  return {
    view: os.station.view.handler(live([changes], () => station.view())),
    orders: os.station.orders.handler(live([changes], () => orderViews(station.ledger))),
    records: os.station.records.handler(live([changes], ({ order, limit }) => station.ledger.records.newest(order, limit))),
    importOrder: os.station.importOrder.handler(async ({ input }) => {
      const order = await importOrder(station.ledger, input, host.files)
      changes.bump()
      return order
    }),
    makeOrder: os.station.makeOrder.handler(({ input }) => {
      const order = makeOrder(station.ledger, input)
      changes.bump()
      return order
    }),
    removeOrder: os.station.removeOrder.handler(({ input: { name } }) => {
      if (station.view().order?.name === name) throw new AppError('CONFLICT', `The station works at ${name}`, 'Switch it off first.')
      removeOrder(station.ledger, name)
      changes.bump()
    }),
    start: os.station.start.handler(({ input }) => station.start(input)),
    stop: os.station.stop.handler(({ input }) => station.stop(input)),
    scan: os.station.scan.handler(({ input }) => station.scan(input.line)),
    void: os.station.void.handler(({ input }) => station.void(input)),
    label: os.station.label.handler(async ({ input: { serial, setting }, signal = new AbortController().signal }) => {
      const found = station.ledger.records.good(serial)
      if (!found) throw new AppError('NOT_FOUND', `No good unit has the serial number ${serial}`, 'See otabench station records.')
      return { sentTo: await sendLabel(labelText(found), setting, { host, signal }) }
    }),
    setPin: os.station.setPin.handler(({ input }) => station.setPin(input)),
    export: os.station.export.handler(({ input }) => write(host, input, station.ledger.records.all(input.order))),
    verify: os.station.verify.handler(({ input }) => verifyChain(station.ledger.records.all(null), input.head)),
  }
}

async function write(
  { files }: EngineParts['host'],
  { path, format }: { path: string; format: 'json' | 'csv' },
  records: readonly UnitRecord[],
): Promise<{ count: number; head: string }> {
  await writeAtomic(files, path, new TextEncoder().encode(recordsText(records, format)))
  return { count: records.length, head: records.at(-1)?.hash ?? '' }
}
