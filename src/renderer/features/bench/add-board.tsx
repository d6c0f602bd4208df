import { t } from '@lingui/core/macro'
import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { useWindow } from '../../app/window-state.ts'
import { BoardForm } from './board-form.tsx'
import { Making } from './making.tsx'

/** Makes a virtual board: a form, then the job as it goes. */
export function AddBoard() {
  const { sheet, showSheet, boardImage } = useWindow()
  const close = (): void => showSheet(null)
  return (
    <Modal opened={sheet === 'board'} onClose={close} title={t`Add virtual board`} size="md" closeButtonProps={{ 'aria-label': t`Close` }}>
      <Content key={boardImage} image={boardImage} onClose={close} />
    </Modal>
  )
}

function Content({ image, onClose }: { image: string | null; onClose: () => void }) {
  const [jobId, setJobId] = useState<string | null>(null)
  const go = useWindow((state) => state.go)
  if (jobId === null) return <BoardForm image={image} onStarted={setJobId} />
  return (
    <Making jobId={jobId} onAgain={() => setJobId(null)}>
      <Button
        onClick={() => {
          go('bench')
          onClose()
        }}
      >
        {t`Done`}
      </Button>
    </Making>
  )
}
