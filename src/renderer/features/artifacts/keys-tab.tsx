import { t } from '@lingui/core/macro'
import type { SigningKey } from '@contract/keys.ts'
import { Button } from '@mantine/core'
import { Import, KeyRound } from 'lucide-react'
import { useState } from 'react'
import { May } from '../../app/may.tsx'
import { Empty } from '../../ui/empty.tsx'
import styles from './artifacts.module.css'
import { GenerateKey } from './generate-key.tsx'
import { ImportKey } from './import-key.tsx'
import { KeyProtectionNotice } from './key-protection.tsx'
import { KeyTable } from './key-table.tsx'

/** The signing keys. Their private halves stay with the engine. */
export function KeysTab({ keys }: { keys: readonly SigningKey[] }) {
  const [asking, setAsking] = useState<'generate' | 'import' | null>(null)
  const actions = (
    <>
      <May group="keys">
        <Button variant="default" leftSection={<Import size={13} />} onClick={() => setAsking('import')}>
          {t`Import…`}
        </Button>
      </May>
      <May group="keys">
        <Button leftSection={<KeyRound size={13} />} onClick={() => setAsking('generate')}>
          {t`Generate…`}
        </Button>
      </May>
    </>
  )
  return (
    <>
      <div className={styles.tools}>
        <KeyProtectionNotice />
        <div className={styles.marked}>{keys.length > 0 && actions}</div>
      </div>
      {keys.length === 0 ? (
        <Empty
          icon={KeyRound}
          title={t`No signing keys`}
          text={t`Artifacts signed with a key of yours are refused by your devices when somebody changes them.`}
        >
          <div className={styles.choices}>{actions}</div>
        </Empty>
      ) : (
        <KeyTable keys={keys} />
      )}
      <GenerateKey isOpen={asking === 'generate'} onClose={() => setAsking(null)} />
      <ImportKey isOpen={asking === 'import'} onClose={() => setAsking(null)} />
    </>
  )
}
