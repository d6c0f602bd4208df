import type { Preauthorization } from '@contract/devices.ts'
import { ActionIcon, Button, Group } from '@mantine/core'
import { Hourglass, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Empty } from '../../ui/empty.tsx'
import { moment, plural, short } from '../../ui/format.ts'
import { Table } from '../../ui/table.tsx'
import { useNow } from '../../ui/use-now.ts'
import styles from './preauthorize.module.css'

interface ExpectedDevicesProps {
  all: number
  newest: readonly Preauthorization[]
}

/** Who is expected and has not asked yet. */
export function ExpectedDevices({ all, newest }: ExpectedDevicesProps) {
  const now = useNow()
  const [isAsking, setAsking] = useState(false)
  const remove = useAction((engine, keys: readonly Preauthorization[]) =>
    engine.devices.removePreauthorizations({ keys: keys.map(({ id, authsetId }) => ({ id, authsetId })) }),
  )
  if (all === 0)
    return <Empty icon={Hourglass} title="No device is expected" text="One that is preauthorized stands here until it asks to join." />
  return (
    <div className={styles.form}>
      <div className={styles.list}>
        <Table label="Expected devices" titles={['Device', 'Identity', 'Key', 'Since', null]}>
          {newest.map((each) => (
            <tr key={each.authsetId}>
              <td>{each.name}</td>
              <td className={styles.identity}>
                {Object.entries(each.identity)
                  .map(([name, value]) => `${name}=${[value].flat().join(',')}`)
                  .join(' ')}
              </td>
              <td className="mono" title={each.keyFingerprint}>
                {short(each.keyFingerprint)}
              </td>
              <td>{moment(each.createdAt, now)}</td>
              <td>
                <May group="devices">
                  <ActionIcon aria-label={`No longer expect ${each.name}`} onClick={() => remove.run([each])}>
                    <Trash2 size={14} />
                  </ActionIcon>
                </May>
              </td>
            </tr>
          ))}
        </Table>
      </div>
      <Group justify="space-between">
        <span className="dim">{all > newest.length && `The newest ${newest.length} of ${all.toLocaleString('en')}.`}</span>
        <May group="devices">
          <Button variant="default" loading={remove.isBusy} onClick={() => setAsking(true)}>
            No longer expect {newest.length === 1 ? 'it' : 'these'}…
          </Button>
        </May>
      </Group>
      <Confirm
        title={`No longer expect ${plural(newest.length, 'device')}?`}
        action="Forget them"
        isOpen={isAsking}
        onConfirm={() => remove.run(newest)}
        onClose={() => setAsking(false)}
      >
        Each may still ask to join, and waits then until it is accepted.
      </Confirm>
    </div>
  )
}
