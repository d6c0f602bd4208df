import { number } from '../../ui/format.ts'
import { t } from '@lingui/core/macro'
import { Modal } from '@mantine/core'
import { useState } from 'react'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { tabPanel, Tabs } from '../../ui/tabs.tsx'
import styles from './preauthorize.module.css'
import { ExpectedDevices } from './expected-devices.tsx'
import { PreauthorizeFile } from './preauthorize-file.tsx'
import { PreauthorizeOne } from './preauthorize-one.tsx'

type Tab = 'one' | 'file' | 'expected'

/** Devices that come in without a click: one, or those of a file; and who is expected and has not asked yet. */
export function PreauthorizeDialog() {
  const { sheet, showSheet } = useWindow()
  const isOpen = sheet === 'preauthorize'
  return (
    <Modal
      opened={isOpen}
      onClose={() => showSheet(null)}
      size={720}
      title={t`Preauthorize devices`}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {isOpen && <Content />}
    </Modal>
  )
}

function Content() {
  const [tab, setTab] = useState<Tab>('one')
  const expected = useLive('devices.preauthorized', (engine, signal) => engine.devices.preauthorized(undefined, { signal })).value
  const tabs: readonly (readonly [Tab, string])[] = [
    ['one', t`One device`],
    ['file', t`From a CSV file`],
    ['expected', expected === null ? t`Expected` : t`Expected (${number(expected.all)})`],
  ]
  return (
    <>
      <div className={styles.tabs}>
        <Tabs label={t`Preauthorize`} tabs={tabs} value={tab} onChange={setTab} />
      </div>
      <div {...tabPanel(tab)}>
        {tab === 'one' && <PreauthorizeOne onDone={() => setTab('expected')} />}
        {tab === 'file' && <PreauthorizeFile onClose={() => setTab('expected')} />}
        {tab === 'expected' && expected !== null && <ExpectedDevices {...expected} />}
      </div>
    </>
  )
}
