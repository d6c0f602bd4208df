import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ServerStatus } from '@contract/server.ts'
import { Button, Modal, SegmentedControl } from '@mantine/core'
import { useMachine } from '../../app/machine.ts'
import { useServer } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { CopyLine } from '../../ui/copy-line.tsx'
import styles from './hardware-sheet.module.css'
import { menderConf, menderSetup, placeCertificate } from './pasted-lines.ts'

/** How a real board finds this server: addresses, certificate, and the lines to paste on the board. */
export function HardwareSheet() {
  const { sheet, showSheet, askProvision } = useWindow()
  const machine = useMachine()
  function provision(): void {
    showSheet(null)
    askProvision({ road: 'ssh', place: '' })
  }
  const server = useServer().value
  return (
    <Modal
      opened={sheet === 'hardware'}
      onClose={() => showSheet(null)}
      title={t`Use my hardware`}
      size={720}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {machine !== null && (
        <p>
          {t`A recipe takes these steps for you, over SSH, a serial console or in a card image.`}{' '}
          <Button variant="default" onClick={provision}>
            {t`Provision…`}
          </Button>
        </p>
      )}
      <p>
        {t`No board at hand? A virtual one boots a real system in QEMU.`}{' '}
        <Button variant="default" onClick={() => showSheet('board')}>
          {t`Add virtual board…`}
        </Button>
      </p>
      {server === null || server.urls.length === 0 ? <p>{t`The server is not running yet.`}</p> : <Steps server={server} />}
    </Modal>
  )
}

function Steps({ server }: { server: ServerStatus }) {
  const set = useAction((engine, acceptMode: ServerStatus['acceptMode']) => engine.server.setAcceptMode({ acceptMode }))
  const url = server.urls[0] ?? ''
  const isTls = url.startsWith('https:')
  return (
    <ol className={styles.steps}>
      <li>
        <p>{t`The board must reach this machine. The server answers at:`}</p>
        {server.urls.map((each) => (
          <CopyLine key={each} text={each} label={t`the address`} />
        ))}
      </li>
      {isTls && server.caPem !== null && (
        <li>
          <p>{t`Give the board the bench’s certificate. Paste this in its shell, as root:`}</p>
          <CopyLine text={placeCertificate(server.caPem)} label={t`the certificate lines`} />
          {server.caFile !== null && (
            <p className="dim">
              <Trans>
                The same file lies at <span className="mono">{server.caFile}</span>.
              </Trans>
            </p>
          )}
        </li>
      )}
      <li>
        <p>{t`Point the Mender client at the bench. With the setup tool:`}</p>
        <CopyLine text={menderSetup(url, isTls)} label={t`the setup line`} />
        <p>{t`Or write the same in /etc/mender/mender.conf:`}</p>
        <CopyLine text={menderConf(url, isTls)} label="mender.conf" />
      </li>
      <li>
        <p>{t`The board asks to join at its next start of the client, and appears on the bench.`}</p>
        <SegmentedControl
          size="xs"
          aria-label={t`When a new device asks to join`}
          value={typeof server.acceptMode === 'string' ? server.acceptMode : ''}
          onChange={(value) => set.run(value === 'all' ? 'all' : 'none')}
          data={[
            { value: 'none', label: t`I accept each device` },
            { value: 'all', label: t`Accept every device at once` },
          ]}
        />
      </li>
    </ol>
  )
}
