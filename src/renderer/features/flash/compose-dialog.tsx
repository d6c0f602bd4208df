import { t } from '@lingui/core/macro'
import type { LayoutSource } from '@contract/compose.ts'
import { Button, Group, Modal } from '@mantine/core'
import { FileCode2, FolderOutput } from 'lucide-react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { composeCommand, type ComposeDraft, EMPTY_DRAFT, layoutOf, missingField } from './compose-draft.ts'
import { ComposeFields } from './compose-fields.tsx'
import { JobProgress } from './job-progress.tsx'
import { ComposePreview } from './compose-preview.tsx'
import styles from './compose.module.css'
import { useFlash } from './flash-state.ts'
import { PathInput } from '../../app/path-input.tsx'
import { fileName } from './partition-words.ts'
import { useCompose } from './use-compose.ts'
import { usePickImage } from './use-pick-image.ts'

/** Makes a card image out of root file system, boot and data: a form over a layout, or a layout file as it is. */
export function ComposeDialog() {
  const { isComposing, setComposing } = useFlash()
  return (
    <Modal
      opened={isComposing}
      onClose={() => setComposing(false)}
      title={t`Compose a card image`}
      size={1080}
      closeButtonProps={{ 'aria-label': t`Close` }}
      keepMounted
    >
      {isComposing && <Form onDone={() => setComposing(false)} />}
    </Modal>
  )
}

function Form({ onDone }: { onDone: () => void }) {
  const { draft, setDraft, layoutFile: file, setComposing } = useFlash()
  const setFile = (path: string | null): void => setComposing(true, path)
  const pickFile = usePickImage(t`Choose a layout`, setFile)
  const compose = useCompose(onDone)
  const layout: LayoutSource | null =
    file === null ? (missingField(draft) === null ? { text: JSON.stringify(layoutOf(draft)), folder: '/' } : null) : { path: file }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (layout !== null) compose.start(layout, draft.output)
      }}
    >
      <div className={styles.columns}>
        <div className={styles.fields}>
          {file === null ? (
            <ComposeFields draft={draft} onChange={setDraft} />
          ) : (
            <p>
              <strong>{fileName(file)}</strong> {t`is composed as it is.`}{' '}
              <Button variant="default" onClick={() => setFile(null)}>
                {t`Use the form instead`}
              </Button>
            </p>
          )}
        </div>
        <ComposePreview
          layout={layout}
          missing={file === null ? missingField(draft) : null}
          text={file === null && layout !== null ? layoutOf(draft) : null}
          name={draft.name}
          command={composeCommand(draft, layout)}
        />
      </div>
      <Foot draft={draft} compose={compose} isReady={layout !== null && draft.output !== ''} onPickFile={pickFile} onChange={setDraft} />
    </form>
  )
}

interface FootProps {
  draft: ComposeDraft
  compose: ReturnType<typeof useCompose>
  isReady: boolean
  onPickFile: () => void
  onChange: (draft: ComposeDraft) => void
}

function Foot({ draft, compose, isReady, onPickFile, onChange }: FootProps) {
  const machine = useMachine()
  const pickOutput = useAction(
    () => machine?.pickSavePath({ suggestedName: `${draft.name || 'card'}.img` }) ?? Promise.resolve({ path: null }),
    ({ path }) => {
      if (path !== null) onChange({ ...draft, output: path })
    },
  )
  return (
    <div className={styles.foot}>
      <PathInput
        label={t`Write the image to`}
        value={draft.output}
        icon={<FolderOutput size={13} />}
        onChange={(output) => onChange({ ...draft, output })}
        onPick={pickOutput.run}
      />
      {compose.jobId === null ? (
        <Group justify="space-between" mt="md">
          <Group gap="xs">
            <Button variant="subtle" color="gray" leftSection={<FileCode2 size={13} />} onClick={onPickFile}>
              {t`Open a layout…`}
            </Button>
            <Button variant="subtle" color="gray" onClick={() => onChange(EMPTY_DRAFT)}>
              {t`Clear the form`}
            </Button>
          </Group>
          <Button type="submit" disabled={!isReady} loading={compose.isBusy}>
            {t`Compose`}
          </Button>
        </Group>
      ) : (
        <JobProgress jobId={compose.jobId} />
      )}
    </div>
  )
}
