import { plural, t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import type { SigningKey } from '@contract/keys.ts'
import { ActionIcon, CopyButton, Menu, Tooltip } from '@mantine/core'
import { Check, Copy, Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useArtifacts } from '../../app/facts.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { short } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { useWindow } from '../../app/window-state.ts'
import styles from './artifacts.module.css'
import { useLibrary } from './library-state.ts'
import { RemoveKey } from './remove-key.tsx'
import { RenameKey } from './rename-key.tsx'

/** The keys, with what each can do and what it signed. */
export function KeyTable({ keys }: { keys: readonly SigningKey[] }) {
  const artifacts = useArtifacts().value ?? []
  const [asking, setAsking] = useState<{ what: 'rename' | 'remove'; key: SigningKey } | null>(null)
  const signedBy = (key: SigningKey | undefined) => artifacts.filter(({ signature }) => signature.verifiedBy === key?.name)
  const close = (): void => setAsking(null)
  return (
    <>
      <table className={styles.table} aria-label={t`Signing keys`}>
        <thead>
          <tr>
            <th>{t`Name`}</th>
            <th>{t`Algorithm`}</th>
            <th>{t`Fingerprint (SHA-256)`}</th>
            <th>{t`Can`}</th>
            <th>{t`Signed`}</th>
            <th>{t`Made`}</th>
            <th>
              <span className="sr-only">{t`Actions`}</span>
            </th>
          </tr>
        </thead>
        <tbody className={styles.still}>
          {keys.map((key) => (
            <tr key={key.id}>
              <td className={styles.name}>{key.name}</td>
              <td>{key.algorithm}</td>
              <td>
                <CopyText text={key.fingerprint} shown={short(key.fingerprint)} label={t`the fingerprint`} />
              </td>
              <td>{key.hasPrivateKey ? t`sign and verify` : t`verify`}</td>
              <td>
                <Signed name={key.name} artifacts={signedBy(key)} />
              </td>
              <td>
                <Moment at={key.createdAt} />
              </td>
              <td className={styles.number}>
                <CopyPublicKey signingKey={key} />
                <KeyMenu name={key.name} onChoose={(what) => setAsking({ what, key })} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <RenameKey signingKey={asking?.what === 'rename' ? asking.key : null} onClose={close} />
      <RemoveKey signingKey={asking?.what === 'remove' ? asking.key : null} signed={signedBy(asking?.key)} onClose={close} />
    </>
  )
}

function KeyMenu({ name, onChoose }: { name: string; onChoose: (what: 'rename' | 'remove') => void }) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t`More for ${name}`}>
          <Ellipsis size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Pencil size={14} />} onClick={() => onChoose('rename')}>
          {t`Rename…`}
        </Menu.Item>
        <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => onChoose('remove')}>
          {t`Remove…`}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** How many artifacts of the library a key proved, and the way to them. */
function Signed({ name, artifacts }: { name: string; artifacts: readonly Artifact[] }) {
  const { showArtifactsTab } = useWindow()
  const { setQuery } = useLibrary()
  function showSignedBy(): void {
    setQuery(name)
    showArtifactsTab('library')
  }
  if (artifacts.length === 0) return <span className="dim">{t`nothing here`}</span>
  return (
    <button type="button" className={styles.link} title={artifacts.map((each) => each.name).join(', ')} onClick={showSignedBy}>
      {plural(artifacts.length, { one: '# artifact', other: '# artifacts' })}
    </button>
  )
}

function CopyPublicKey({ signingKey: { name, publicKeyPem } }: { signingKey: SigningKey }) {
  return (
    <CopyButton value={publicKeyPem}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t`Copied` : t`Copy the public key (PEM)`}>
          <ActionIcon aria-label={t`Copy the public key of ${name}`} onClick={copy}>
            {copied ? <Check size={14} /> : <Copy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}
