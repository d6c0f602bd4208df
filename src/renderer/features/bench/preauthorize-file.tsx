import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { FileSpreadsheet } from 'lucide-react'
import { useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { ExpectList } from './expect-devices.tsx'
import styles from './preauthorize.module.css'

/** Many devices, out of a CSV file. */
export function PreauthorizeFile({ onClose }: { onClose: () => void }) {
  const machine = useMachine()
  const [path, setPath] = useState<string | null>(null)
  const choose = useAction(async () => {
    const picked = await machine?.pickFiles({ title: t`A list of devices`, isSeveral: false, isFolder: false })
    setPath(picked?.paths[0] ?? path)
  })
  return (
    <div className={styles.form}>
      <p className="dim">
        <Trans>
          The first line names the attributes of the identity, and <span className="mono">public_key</span> or{' '}
          <span className="mono">public_key_file</span>; each other line is a device.
        </Trans>
      </p>
      {machine === null ? (
        <p className="dim">
          <Trans>
            In a browser: <span className="mono">otabench devices preauthorize-list FILE</span>, on the machine of the server.
          </Trans>
        </p>
      ) : (
        <Button className={styles.start} variant="default" leftSection={<FileSpreadsheet size={14} />} onClick={() => choose.run()}>
          {t`Choose a CSV file…`}
        </Button>
      )}
      {path !== null && <ExpectList key={path} path={path} onCancel={() => setPath(null)} onClose={onClose} />}
    </div>
  )
}
