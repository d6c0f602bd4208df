import { t } from '@lingui/core/macro'
import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import styles from './station.module.css'

/** What became of every unit, for an audit and for people. */
export function RecordsField() {
  const machine = useMachine()
  const [said, setSaid] = useState('')
  const last = useLive('station.last', (engine, signal) => engine.station.records({ limit: 1 }, { signal })).value?.[0]
  const verify = useAction(
    (engine) => engine.station.verify({}),
    ({ count, faults }) => setSaid(faults[0] ?? t`${count} records, all as they were written`),
  )
  const save = useAction(
    async (engine, format: 'json' | 'csv') => {
      const { path } = (await machine?.pickSavePath({ suggestedName: `records.${format}` })) ?? { path: null }
      return path === null ? null : engine.station.export({ path, format })
    },
    (done) => done && setSaid(t`${done.count} records saved`),
  )
  if (last === undefined) return null
  return (
    <Group className={styles.wide} gap="xs">
      <span>{said || t`${last.sequence} records`}</span>
      <Button variant="default" loading={verify.isBusy} onClick={() => verify.run()}>
        {t`Verify`}
      </Button>
      <Button variant="default" onClick={() => save.run('json')}>
        {t`Save as JSON…`}
      </Button>
      <Button variant="default" onClick={() => save.run('csv')}>
        {t`Save as CSV…`}
      </Button>
    </Group>
  )
}
