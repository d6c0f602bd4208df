import { plural, t } from '@lingui/core/macro'
import type { Preauthorization } from '@contract/devices.ts'
import { ActionIcon, Button, Group } from '@mantine/core'
import { Hourglass, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Empty } from '../../ui/empty.tsx'
import { number, short } from '../../ui/format.ts'
import { Table } from '../../ui/table.tsx'
import { Moment } from '../../ui/moment.tsx'
import styles from './preauthorize.module.css'

interface ExpectedDevicesProps {
  all: number
  newest: readonly Preauthorization[]
}

/** Who is expected and has not asked yet. */
export function ExpectedDevices({ all, newest }: ExpectedDevicesProps) {
  const [isAsking, setAsking] = useState(false)
  const remove = useAction((engine, keys: readonly Preauthorization[]) =>
    engine.devices.removePreauthorizations({ keys: keys.map(({ id, authsetId }) => ({ id, authsetId })) }),
  )
  if (all === 0)
    return (
      <Empty icon={Hourglass} title={t`No device is expected`} text={t`One that is preauthorized stands here until it asks to join.`} />
    )
  return (
    <div className={styles.form}>
      <div className={styles.list}>
        <Table label={t`Expected devices`} titles={[t`Device`, t`Identity`, t`Key`, t`Since`, null]}>
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
              <td>
                <Moment at={each.createdAt} />
              </td>
              <td>
                <May group="devices">
                  <ActionIcon aria-label={t`No longer expect ${each.name}`} onClick={() => remove.run([each])}>
                    <Trash2 size={14} />
                  </ActionIcon>
                </May>
              </td>
            </tr>
          ))}
        </Table>
      </div>
      <Group justify="space-between">
        <span className="dim">{all > newest.length && t`The newest ${newest.length} of ${number(all)}.`}</span>
        <May group="devices">
          <Button variant="default" loading={remove.isBusy} onClick={() => setAsking(true)}>
            {newest.length === 1 ? t`No longer expect it…` : t`No longer expect these…`}
          </Button>
        </May>
      </Group>
      <Confirm
        title={t`No longer expect ${plural(newest.length, { one: '# device', other: '# devices' })}?`}
        action={t`Forget them`}
        isOpen={isAsking}
        onConfirm={() => remove.run(newest)}
        onClose={() => setAsking(false)}
      >
        {t`Each may still ask to join, and waits then until it is accepted.`}
      </Confirm>
    </div>
  )
}
