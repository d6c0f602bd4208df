import { plural, t } from '@lingui/core/macro'
import type { ServerStatus } from '@contract/server.ts'
import { Button, Popover } from '@mantine/core'
import { Cable } from 'lucide-react'
import { useState } from 'react'
import { Facts } from '../ui/chip.tsx'
import { CopyLine } from '../ui/copy-line.tsx'
import { CopyText } from '../ui/copy-text.tsx'
import { daysUntil, exactly } from '../ui/format.ts'
import { QrCode } from '../ui/qr-code.tsx'
import { useNow } from '../ui/use-now.ts'
import { BackUp } from './back-up.tsx'
import styles from './server-popover.module.css'
import bar from './status-bar.module.css'
import { useWindow } from './window-state.ts'

/** The server in the status bar; opens to how devices and people reach it. */
export function ServerPopover({ server }: { server: ServerStatus }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover opened={isOpen} onChange={setOpen} position="top-start" width={520} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={bar.button} onClick={() => setOpen(!isOpen)}>
          <span className={bar.light} data-on aria-hidden />
          {t`Server running`}
          {server.urls.slice(0, 2).map((url) => (
            <span key={url} className="mono">
              {url}
            </span>
          ))}
        </button>
      </Popover.Target>
      {/* Escape closes what was opened last, and nothing behind it. */}
      <Popover.Dropdown aria-label={t`Server`} aria-labelledby={undefined} onKeyDown={(event) => event.stopPropagation()}>
        <About server={server} onLeave={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

function About({ server, onLeave }: { server: ServerStatus; onLeave: () => void }) {
  const { showSheet } = useWindow()
  const url = server.urls.find((each) => each.startsWith('https:')) ?? server.urls[0]
  return (
    <>
      <div className={styles.reach}>
        <div className={styles.addresses}>
          <h2 className={styles.title}>{t`Devices reach this bench at`}</h2>
          {server.urls.map((each) => (
            <CopyLine key={each} text={each} label={each} />
          ))}
        </div>
        {url !== undefined && <QrCode text={url} label={t`QR code of ${url}`} />}
      </div>
      <Certificate server={server} />
      <footer className={styles.actions}>
        <Button
          variant="default"
          leftSection={<Cable size={14} />}
          onClick={() => {
            onLeave()
            showSheet('hardware')
          }}
        >
          {t`Lines for a device…`}
        </Button>
        <BackUp />
      </footer>
    </>
  )
}

function Certificate({ server: { caFile, caPem, certificate } }: { server: ServerStatus }) {
  const now = useNow()
  if (certificate === null) return null
  const { expiresAt } = certificate
  const days = daysUntil(expiresAt, now)
  return (
    <Facts
      rows={[
        [
          t`certificate`,
          <span key="ends" title={exactly(expiresAt)}>{t`valid for ${plural(days, { one: '# day', other: '# days' })}`}</span>,
        ],
        ...(caFile === null ? [] : [[t`CA file`, <CopyText key="file" text={caFile} label={t`the path`} />] as const]),
        ...(caPem === null
          ? []
          : [[t`CA as text`, <CopyText key="pem" text={caPem} shown={t`Copy the PEM`} label={t`the certificate`} />] as const]),
      ]}
    />
  )
}
