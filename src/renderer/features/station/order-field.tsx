import { t } from '@lingui/core/macro'
import { Button, NativeSelect, NumberInput, Popover, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import styles from './station.module.css'

interface OrderFieldProps {
  value: string
  onChange: (name: string) => void
}

/** What is to be made: one that is there, a list out of a file, or so many of a series. */
export function OrderField({ value, onChange }: OrderFieldProps) {
  const orders = useLive('station.orders', (engine, signal) => engine.station.orders(undefined, { signal })).value ?? []
  const choices = orders.map(({ name, good, total }) => ({ value: name, label: t`${name}, ${good} of ${total}` }))
  return (
    <div className={styles.order2}>
      <NativeSelect
        label={t`Work order`}
        size="xs"
        data={[{ value: '', label: t`Scanned at the station` }, ...choices]}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <NewOrder onMade={onChange} />
    </div>
  )
}

function NewOrder({ onMade }: { onMade: (name: string) => void }) {
  const machine = useMachine()
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [count, setCount] = useState<number | string>(100)
  const made = (order: { name: string }): void => {
    setOpen(false)
    onMade(order.name)
  }
  const make = useAction((engine) => engine.station.makeOrder({ name, count: Number(count) }), made)
  const bring = useAction(
    async (engine) => {
      const { paths } = (await machine?.pickFiles({ title: t`A list of units`, isSeveral: false, isFolder: false })) ?? { paths: [] }
      return paths[0] === undefined ? null : engine.station.importOrder({ name, path: paths[0] })
    },
    (order) => order && made(order),
  )
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Button variant="default" onClick={() => setOpen((last) => !last)}>
          {t`New…`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.newOrder}>
        <TextInput label={t`Name`} maxLength={60} value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} />
        <Button variant="default" disabled={name === ''} loading={bring.isBusy} onClick={() => bring.run()}>
          {t`Out of a CSV file…`}
        </Button>
        <NumberInput size="xs" label={t`Units of a series`} min={1} max={1_000_000} value={count} onChange={setCount} />
        <Button variant="default" disabled={name === '' || Number(count) < 1} loading={make.isBusy} onClick={() => make.run()}>
          {t`Make it`}
        </Button>
      </Popover.Dropdown>
    </Popover>
  )
}
