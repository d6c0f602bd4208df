import { t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import { ActionIcon, Select, Tooltip } from '@mantine/core'
import { ArrowLeftRight } from 'lucide-react'
import { useMachine } from '../../app/machine.ts'
import { useArtifacts } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import type { CompareSide } from '../../app/window-state.ts'
import { bytes } from '../../ui/format.ts'
import styles from './compare.module.css'
import { Signature } from './signature.tsx'

interface CompareSidesProps {
  a: CompareSide | null
  b: CompareSide | null
  onChange: (pair: { a: CompareSide | null; b: CompareSide | null }) => void
}

/** Which two are compared, the one before on the left. */
export function CompareSides({ a, b, onChange }: CompareSidesProps) {
  return (
    <div className={styles.sides}>
      <Side label={t`Before`} side={a} onChange={(next) => onChange({ a: next, b })} />
      <Tooltip label={t`Swap`}>
        <ActionIcon aria-label={t`Swap before and after`} variant="default" onClick={() => onChange({ a: b, b: a })}>
          <ArrowLeftRight size={14} />
        </ActionIcon>
      </Tooltip>
      <Side label={t`After`} side={b} onChange={(next) => onChange({ a, b: next })} />
    </div>
  )
}

const PICK = t`pick a file`

function Side({ label, side, onChange }: { label: string; side: CompareSide | null; onChange: (side: CompareSide) => void }) {
  const machine = useMachine()
  const artifacts = useArtifacts().value ?? []
  const pick = useAction(
    () => machine?.pickArtifact() ?? Promise.resolve({ path: null }),
    ({ path }) => {
      if (path !== null) onChange({ path })
    },
  )
  const path = side !== null && 'path' in side ? side.path : null
  const artifact = side !== null && 'id' in side ? artifacts.find(({ id }) => id === side.id) : undefined
  const data = [
    ...artifacts.map(({ id, name, deviceTypes }) => ({ value: id, label: `${name} (${deviceTypes.join(', ') || t`any type`})` })),
    ...(path === null ? [] : [{ value: path, label: nameOf(path) }]),
    ...(machine === null ? [] : [{ value: PICK, label: t`A .mender file…` }]),
  ]
  return (
    <div className={styles.side}>
      <Select
        label={label}
        placeholder={t`Choose an artifact`}
        data={data}
        value={path ?? artifact?.id ?? null}
        searchable
        allowDeselect={false}
        nothingFoundMessage={t`No such artifact`}
        onChange={(value) => {
          if (value === PICK) pick.run()
          else if (value !== null && value !== path) onChange({ id: value })
        }}
      />
      <div className={styles.sideFacts}>
        {artifact !== undefined && <ArtifactFacts artifact={artifact} />}
        {path !== null && <span className="mono">{path}</span>}
      </div>
    </div>
  )
}

function ArtifactFacts({ artifact }: { artifact: Artifact }) {
  return (
    <>
      <span>{artifact.payloadType ?? 'bootstrap'}</span>
      <span>{bytes(artifact.sizeBytes)}</span>
      <Signature signature={artifact.signature} />
    </>
  )
}

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
