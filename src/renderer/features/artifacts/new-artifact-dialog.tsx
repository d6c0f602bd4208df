import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { NewArtifact } from '@contract/new-artifact.ts'
import { Modal } from '@mantine/core'
import { useState } from 'react'
import { useKeys } from '../../app/facts.tsx'
import { shell } from '../../app/shell.ts'
import { useWindow } from '../../app/window-state.ts'
import { CopyLine } from '../../ui/copy-line.tsx'
import { useFileDrop } from '../../ui/file-drop.ts'
import { commandOf, type Draft, EMPTY_DRAFT, type Field, inputOf, problemsOf, refusedField, withFiles } from './new-artifact-draft.ts'
import { ContentFields, HeaderFields, KindChoice, MoreFields } from './new-artifact-fields.tsx'
import styles from './new-artifact.module.css'
import { useKnownTypes } from './use-known-types.ts'
import { useWriting } from './use-writing.ts'
import { WritingFoot } from './writing-foot.tsx'

/** A new artifact for the library, written from files of this machine. */
export function NewArtifactDialog() {
  const { sheet, showSheet } = useWindow()
  return (
    <Modal
      opened={sheet === 'new-artifact'}
      onClose={() => showSheet(null)}
      title={t`New artifact`}
      size={940}
      padding={0}
      classNames={{ header: styles.header }}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {sheet === 'new-artifact' && <NewArtifactForm />}
    </Modal>
  )
}

/** What the bench knows already: its device type when there is one only, and its key. */
function useFirstDraft(): Draft {
  const types = useKnownTypes()
  const key = (useKeys().value ?? []).find(({ hasPrivateKey }) => hasPrivateKey)
  return { ...EMPTY_DRAFT, deviceTypes: types.length === 1 ? types : [], keyId: key?.id ?? null }
}

function NewArtifactForm() {
  const { showSheet, selectArtifact } = useWindow()
  const [draft, setDraft] = useState<Draft>(useFirstDraft())
  const [sent, setSent] = useState<Draft | null>(null)
  const writing = useWriting(
    (engine, input: NewArtifact) => engine.artifacts.write(input),
    (id) => {
      showSheet(null)
      selectArtifact(id)
    },
  )
  const drop = useFileDrop((files) =>
    setDraft(
      withFiles(
        draft,
        files.map((file) => shell?.pathOf(file) ?? '').filter((path) => path !== ''),
      ),
    ),
  )
  const problems = problemsOf(draft)
  const refused = writing.failure && sent === draft ? refusedField(writing.failure.message) : null
  function problem(field: Field): string | undefined {
    if (refused?.field === field) return refused.message
    const isFilled = draft[field] !== null && draft[field].length > 0
    return sent !== null || isFilled ? problems[field] : undefined
  }
  const fields = { draft, problem, onChange: setDraft }
  return (
    <form
      className={styles.form}
      noValidate
      data-over={drop.isOver}
      {...(shell !== null && drop.handlers)}
      onSubmit={(event) => {
        event.preventDefault()
        setSent(draft)
        if (Object.keys(problems).length === 0) writing.start(inputOf(draft))
        else goToProblem(event.currentTarget)
      }}
    >
      <div className={styles.body}>
        <KindChoice draft={draft} onChange={setDraft} />
        <div className={styles.scroll}>
          <div className={styles.columns}>
            <ContentFields {...fields} />
            <HeaderFields {...fields} />
          </div>
          <MoreFields {...fields} />
        </div>
      </div>
      <Command draft={draft} />
      <WritingFoot writing={writing} failure={refused === null ? writing.failure : null} action={t`Write`} />
    </form>
  )
}

/** Goes to the first field that is wrong, once it says so. */
function goToProblem(form: HTMLElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
}

function Command({ draft }: { draft: Draft }) {
  const keys = useKeys().value ?? []
  const key = keys.find(({ id }) => id === draft.keyId)
  return (
    <div className={styles.command}>
      <CopyLine text={commandOf(draft, keys)} label={t`the command line`} />
      {key !== undefined && (
        <p className={styles.about}>
          <Trans>
            <span className="mono">{key.name}.pem</span> stands for the file with the private key.
          </Trans>
        </p>
      )}
    </div>
  )
}
