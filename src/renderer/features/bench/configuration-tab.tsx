import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Device } from '@contract/devices.ts'
import type { Configuration } from '@contract/remote.ts'
import { ActionIcon, Button, Group, TextInput } from '@mantine/core'
import { Plus, Send, X } from 'lucide-react'
import { useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { May } from '../../app/may.tsx'
import { Moment } from '../../ui/moment.tsx'
import { type Setting, draftOf, isChanged, valuesOf } from './configuration-draft.ts'
import styles from './configuration-tab.module.css'

/** What the device is meant to be set to, beside what it says that it is. */
export function ConfigurationTab({ device }: { device: Device }) {
  const { value } = useLive(`remote.configuration ${device.id}`, (engine, signal) =>
    engine.remote.configuration({ deviceId: device.id }, { signal }),
  )
  return value === null ? null : <Editor device={device} configuration={value} />
}

function LastReport({ at }: { at: number | null }) {
  if (at === null) return <p className="dim">{t`The device has reported nothing. It does so with mender-configure.`}</p>
  return (
    <p className="dim">
      <Trans>
        Reported <Moment at={at} />.
      </Trans>
    </p>
  )
}

function Editor({ device, configuration }: { device: Device; configuration: Configuration }) {
  const [draft, setDraft] = useState<Setting[] | null>(null)
  const settings = draft ?? draftOf(configuration)
  const apply = useAction(
    async (engine) => {
      await engine.remote.configure({ deviceId: device.id, values: valuesOf(settings) })
      await engine.remote.deployConfiguration({ deviceId: device.id })
    },
    () => setDraft(null),
  )
  const change = (at: number, setting: Partial<Setting>): void =>
    setDraft(settings.map((each, index) => (index === at ? { ...each, ...setting } : each)))
  return (
    <>
      <LastReport at={configuration.reportedAt} />
      {settings.length > 0 && (
        <div className={styles.head} aria-hidden>
          <span>{t`Key`}</span>
          <span>{t`Wanted`}</span>
          <span>{t`Reported`}</span>
        </div>
      )}
      {settings.map((setting, index) => (
        <Row
          // oxlint-disable-next-line react/no-array-index-key -- a row is where it stands: its key is what is being typed
          key={index}
          setting={setting}
          reported={configuration.reported[setting.key]}
          onChange={(next) => change(index, next)}
          onRemove={() => setDraft(settings.filter((_, at) => at !== index))}
        />
      ))}
      <Group mt="sm" gap="xs">
        <May group="remote">
          <Button variant="default" leftSection={<Plus size={13} />} onClick={() => setDraft([...settings, { key: '', value: '' }])}>
            {t`Add`}
          </Button>
        </May>
        <May group="remote">
          <Button
            leftSection={<Send size={13} />}
            disabled={apply.isBusy || device.status !== 'accepted' || (!isChanged(settings, configuration) && !hasDrifted(configuration))}
            onClick={() => apply.run()}
          >
            {t`Apply to the device`}
          </Button>
        </May>
        {draft !== null && (
          <Button variant="subtle" color="gray" onClick={() => setDraft(null)}>
            {t`Undo`}
          </Button>
        )}
      </Group>
    </>
  )
}

interface RowProps {
  setting: Setting
  reported: string | undefined
  onChange: (setting: Partial<Setting>) => void
  onRemove: () => void
}

function Row({ setting, reported, onChange, onRemove }: RowProps) {
  const name = setting.key === '' ? t`new setting` : setting.key
  return (
    <div className={styles.row}>
      <TextInput aria-label={t`Key of ${name}`} value={setting.key} onChange={(event) => onChange({ key: event.currentTarget.value })} />
      <TextInput
        aria-label={t`Wanted ${name}`}
        value={setting.value}
        onChange={(event) => onChange({ value: event.currentTarget.value })}
      />
      <span className={styles.reported} data-differs={reported !== setting.value} title={reported}>
        {reported ?? t`nothing`}
      </span>
      <ActionIcon aria-label={t`No longer want ${name}`} onClick={onRemove}>
        <X size={14} />
      </ActionIcon>
    </div>
  )
}

/** Whether the device says something else than what is wanted of it. */
function hasDrifted({ configured, reported }: Configuration): boolean {
  return Object.entries(configured).some(([key, value]) => reported[key] !== value)
}
