import { plural, t } from '@lingui/core/macro'
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { useOpens } from '../../app/file-openers.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'

/** Makes a work order out of a CSV file that was dropped or opened. */
export function ImportOrder() {
  const [path, setPath] = useState<string | null>(null)
  useOpens('work-order', ([first]) => setPath(first ?? null))
  const close = (): void => setPath(null)
  return (
    <Modal opened={path !== null} onClose={close} title={t`Work order`} size="sm" closeButtonProps={{ 'aria-label': t`Close` }}>
      {path !== null && <ImportForm path={path} onClose={close} />}
    </Modal>
  )
}

/** What a file is called, in the letters that a work order may have. */
function nameOf(path: string): string {
  const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return file
    .replace(/\.\w+$/, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, 60)
}

function ImportForm({ path, onClose }: { path: string; onClose: () => void }) {
  const [name, setName] = useState(() => nameOf(path))
  const showSheet = useWindow((state) => state.showSheet)
  const bring = useAction(
    (engine) => engine.station.importOrder({ name, path }),
    (order) => {
      onClose()
      showSheet('station')
      const message = t`${plural(order.total, { one: '# unit', other: '# units' })}: choose it as the work order of the station.`
      notifications.show({ title: t`Work order ${order.name}`, message, color: 'gray', withBorder: true, autoClose: 8000 })
    },
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    bring.run()
  }
  return (
    <form onSubmit={submit}>
      <p className="mono">{path}</p>
      <TextInput
        data-autofocus
        label={t`Name`}
        maxLength={60}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t`Cancel`}
        </Button>
        <Button type="submit" loading={bring.isBusy}>
          {t`Make the work order`}
        </Button>
      </Group>
    </form>
  )
}
