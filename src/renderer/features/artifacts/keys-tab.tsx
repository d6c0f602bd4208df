import { keyAlgorithm, type SigningKey } from '@contract/keys.ts'
import { ActionIcon, Button, CopyButton, Select, TextInput, Tooltip } from '@mantine/core'
import { Check, Copy, KeyRound, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useArtifacts } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Empty } from '../../ui/empty.tsx'
import { moment, short } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import styles from './artifacts.module.css'
import { ImportKey } from './import-key.tsx'

/** The signing keys. Their private halves stay with the engine. */
export function KeysTab({ keys }: { keys: readonly SigningKey[] }) {
  return (
    <>
      <Generate />
      {keys.length === 0 ? (
        <Empty
          icon={KeyRound}
          title="No signing keys"
          text="Generate one above: artifacts signed with it can be proven by every device that has its public half."
        />
      ) : (
        <KeyTable keys={keys} />
      )}
    </>
  )
}

function Generate() {
  const [name, setName] = useState('')
  const [algorithm, setAlgorithm] = useState<string | null>('p256')
  const generate = useAction(
    (engine) => engine.keys.generate({ name, algorithm: keyAlgorithm.parse(algorithm) }),
    () => setName(''),
  )
  return (
    <form
      className={styles.generate}
      onSubmit={(event) => {
        event.preventDefault()
        generate.run()
      }}
    >
      <TextInput label="Name" placeholder="release-2026" w={220} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select label="Algorithm" w={130} data={[...keyAlgorithm.options]} value={algorithm} onChange={setAlgorithm} allowDeselect={false} />
      <Button type="submit" leftSection={<KeyRound size={13} />} disabled={!/^[\w.-]{1,64}$/.test(name)} loading={generate.isBusy}>
        Generate key
      </Button>
      <ImportKey />
    </form>
  )
}

function KeyTable({ keys }: { keys: readonly SigningKey[] }) {
  const now = useNow()
  const [asking, setAsking] = useState<SigningKey | null>(null)
  const remove = useAction((engine, id: string) => engine.keys.remove({ id }))
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>Name</th>
            <th>Algorithm</th>
            <th>Fingerprint</th>
            <th>Can</th>
            <th>Signed</th>
            <th>Made</th>
            <th>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td className="mono">{key.name}</td>
              <td>{key.algorithm}</td>
              <td className="mono" title={key.fingerprint}>
                {short(key.fingerprint)}
              </td>
              <td>{key.hasPrivateKey ? 'sign and verify' : 'verify'}</td>
              <td>
                <SignedBy name={key.name} />
              </td>
              <td>{moment(key.createdAt, now)}</td>
              <td className={styles.number}>
                <CopyPublicKey signingKey={key} />
                <ActionIcon aria-label={`Remove ${key.name}`} onClick={() => setAsking(key)}>
                  <Trash2 size={14} />
                </ActionIcon>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Confirm
        title={`Remove the key ${asking?.name ?? ''}?`}
        action="Remove"
        isOpen={asking !== null}
        onConfirm={() => asking !== null && remove.run(asking.id)}
        onClose={() => setAsking(null)}
      >
        Its private half is erased and cannot be brought back. Devices that trust it will refuse artifacts signed by another key.
      </Confirm>
    </>
  )
}

/** The artifacts of the library whose signature this key proved. */
function SignedBy({ name }: { name: string }) {
  const signed = (useArtifacts().value ?? []).filter(({ signature }) => signature.verifiedBy === name).map((artifact) => artifact.name)
  if (signed.length === 0) return <span className="dim">nothing here</span>
  return (
    <div className={styles.signed} title={signed.join(', ')}>
      {signed.join(', ')}
    </div>
  )
}

function CopyPublicKey({ signingKey }: { signingKey: SigningKey }) {
  return (
    <CopyButton value={signingKey.publicKeyPem}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : 'Copy the public key (PEM)'}>
          <ActionIcon aria-label={`Copy the public key of ${signingKey.name}`} onClick={copy}>
            {copied ? <Check size={14} /> : <Copy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}
