import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { Button } from '@mantine/core'
import { useAction } from '../../app/use-action.ts'
import { May } from '../../app/may.tsx'
import { Chip, Facts, Label } from '../../ui/chip.tsx'
import { short } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import styles from './device-inspector.module.css'

/** Who the device says it is, and the keys it says it with. */
export function IdentityTab({ device }: { device: Device }) {
  const judge = useAction((engine, authsetId: string, status: 'accepted' | 'rejected') =>
    engine.devices.setAuthStatus({ id: device.id, authsetId, status }),
  )
  const identity = Object.entries(device.identity).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const)
  return (
    <>
      <Label term="identity">{t`Identity`}</Label>
      <Facts
        rows={[
          ...identity,
          [
            t`device id`,
            <span key="id" className="mono">
              {device.id}
            </span>,
          ],
        ]}
      />
      <Label term="authset">{t`Authentication sets`}</Label>
      {device.authsets.map((authset) => (
        <div key={authset.id} className={styles.authset}>
          <span className={styles.grow}>
            <span className="mono" title={authset.keyFingerprint}>
              {short(authset.keyFingerprint)}
            </span>{' '}
            <span className="dim">
              {authset.keyAlgorithm}, <Moment at={authset.createdAt} />
            </span>
          </span>
          <Chip>{authset.status}</Chip>
          {authset.status === 'accepted' ? (
            <May group="devices">
              <Button size="compact-xs" variant="default" onClick={() => judge.run(authset.id, 'rejected')}>
                {t`Reject`}
              </Button>
            </May>
          ) : (
            <May group="devices">
              <Button size="compact-xs" onClick={() => judge.run(authset.id, 'accepted')}>
                {t`Accept`}
              </Button>
            </May>
          )}
        </div>
      ))}
    </>
  )
}
