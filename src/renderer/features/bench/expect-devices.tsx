import { plural, t } from '@lingui/core/macro'
import { Button, Group, Modal } from '@mantine/core'
import { useState } from 'react'
import { useOpens } from '../../app/file-openers.ts'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { andMore } from '../../ui/format.ts'

/** Preauthorizes the devices of a CSV file that was dropped or opened. */
export function ExpectDevices() {
  const [path, setPath] = useState<string | null>(null)
  useOpens('preauthorization', ([first]) => setPath(first ?? null))
  const close = (): void => setPath(null)
  return (
    <Modal opened={path !== null} onClose={close} title={t`Preauthorize devices`} size="md" closeButtonProps={{ 'aria-label': t`Close` }}>
      {path !== null && <ExpectList path={path} onCancel={close} onClose={close} />}
    </Modal>
  )
}

interface ExpectListProps {
  path: string
  onCancel: () => void
  /** When they were taken. */
  onClose: () => void
}

/** Takes the devices of a list, and says which of them were there already. */
export function ExpectList({ path, onCancel, onClose }: ExpectListProps) {
  const { showFiltered, showSheet } = useWindow()
  const [result, setResult] = useState<{ added: number; known: readonly string[] } | null>(null)
  const expect = useAction((engine) => engine.devices.preauthorizeList({ path }), setResult)
  return (
    <>
      <p className="mono">{path}</p>
      {result === null ? (
        <p>{t`Each device of the list is accepted when it asks with its key. All of them are taken, or none.`}</p>
      ) : (
        <>
          <output>{t`${plural(result.added, { one: '# device', other: '# devices' })} preauthorized.`}</output>
          {result.known.length > 0 && (
            <p>{t`There already, and as they were: ${andMore(result.known.slice(0, 20).join('; '), result.known.length - 20)}`}</p>
          )}
        </>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={result === null ? onCancel : onClose}>
          {result === null ? t`Cancel` : t`Close`}
        </Button>
        {result === null ? (
          <May group="devices">
            <Button data-autofocus loading={expect.isBusy} onClick={() => expect.run()}>
              {t`Preauthorize`}
            </Button>
          </May>
        ) : (
          <Button
            onClick={() => {
              onClose()
              showSheet(null)
              showFiltered({ text: '', chips: [{ facet: 'state', value: 'expected' }] })
            }}
          >
            {t`Show them`}
          </Button>
        )}
      </Group>
    </>
  )
}
