import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Artifact } from '@contract/artifacts.ts'
import { Button, Modal } from '@mantine/core'
import { Diff } from 'lucide-react'
import { useState } from 'react'
import { useArtifacts, useKeys } from '../../app/facts.tsx'
import { useWindow } from '../../app/window-state.ts'
import { bytes } from '../../ui/format.ts'
import styles from './new-artifact.module.css'
import { SigningKeySelect } from '../../app/signing-key-select.tsx'
import { useWriting } from './use-writing.ts'
import { WritingFoot } from './writing-foot.tsx'

interface MakeDeltaProps {
  from: Artifact
  to: Artifact
}

/** The button that makes a delta of the two that are compared, where one can be made. */
export function MakeDelta({ from, to }: MakeDeltaProps) {
  const [isOpen, setOpen] = useState(false)
  if (from.payloadType !== 'rootfs-image' || to.payloadType !== 'rootfs-image' || from.id === to.id) return null
  return (
    <>
      <Button leftSection={<Diff size={13} />} onClick={() => setOpen(true)}>
        {t`Make delta…`}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t`Make a delta`}
        padding={0}
        classNames={{ header: styles.header }}
        closeButtonProps={{ 'aria-label': t`Close` }}
      >
        <DeltaForm from={from} to={to} />
      </Modal>
    </>
  )
}

function DeltaForm({ from, to }: MakeDeltaProps) {
  const key = (useKeys().value ?? []).find(({ hasPrivateKey }) => hasPrivateKey)
  const [keyId, setKeyId] = useState(key?.id ?? null)
  const [madeId, setMadeId] = useState<string | null>(null)
  const writing = useWriting((engine, signingKeyId: string | null) => {
    return engine.artifacts.delta({ fromId: from.id, toId: to.id, keyId: signingKeyId })
  }, setMadeId)
  const made = (useArtifacts().value ?? []).find(({ id }) => id === madeId)
  if (made !== undefined) return <Won made={made} to={to} />
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        writing.start(keyId)
      }}
    >
      <div className={styles.fields}>
        <p className={styles.delta}>
          <Trans>
            Only what differs, for devices that run <strong>{from.name}</strong> and have the update module otabench-delta. It stands beside{' '}
            <strong>{to.name}</strong> under its name; the server sends each device the smaller one that fits it.
          </Trans>
        </p>
        <SigningKeySelect value={keyId} onChange={setKeyId} />
      </div>
      <WritingFoot writing={writing} failure={writing.failure} action={t`Make the delta`} />
    </form>
  )
}

/** What the delta saves. */
function Won({ made, to }: { made: Artifact; to: Artifact }) {
  const { selectArtifact, showComparison } = useWindow()
  const saved = Math.round((1 - made.sizeBytes / to.sizeBytes) * 100)
  return (
    <div className={styles.fields}>
      <output className={styles.won}>
        <strong>{bytes(made.sizeBytes)}</strong>{' '}
        {saved > 0
          ? t`instead of ${bytes(to.sizeBytes)}: ${saved} % less to send.`
          : t`instead of ${bytes(to.sizeBytes)}: it saves nothing.`}
      </output>
      <Button
        onClick={() => {
          selectArtifact(made.id)
          showComparison(null)
        }}
      >
        {t`Show it in the library`}
      </Button>
    </div>
  )
}
