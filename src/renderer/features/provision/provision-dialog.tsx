import { t } from '@lingui/core/macro'
import { Modal } from '@mantine/core'
import { useState } from 'react'
import { useOpens } from '../../app/file-openers.ts'
import { useMachine } from '../../app/machine.ts'
import { useOffers } from '../../app/offers.ts'
import { type ProvisionPreset, useWindow } from '../../app/window-state.ts'
import { useRecipe } from './provision-draft.ts'
import { ProvisionForm } from './provision-form.tsx'
import { ProvisionRun } from './provision-run.tsx'

/** Carries a recipe out on a board, or in a card image. */
export function ProvisionDialog() {
  const { provision, askProvision, closeProvision } = useWindow()
  const machine = useMachine()
  useOffers(() => (machine === null ? {} : { 'bench.provision': { run: () => askProvision({ road: 'ssh', place: '' }) } }))
  const setRecipe = useRecipe((state) => state.setRecipe)
  useOpens('recipe', ([path]) => {
    if (path !== undefined) setRecipe(path)
    askProvision({ road: 'ssh', place: '' })
  })
  return (
    <Modal
      opened={provision !== null}
      onClose={closeProvision}
      title={t`Provision a board`}
      size={980}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {provision !== null && <Content preset={provision} onClose={closeProvision} />}
    </Modal>
  )
}

function Content({ preset, onClose }: { preset: ProvisionPreset; onClose: () => void }) {
  const [jobId, setJobId] = useState<string | null>(null)
  if (jobId !== null) return <ProvisionRun jobId={jobId} onAgain={() => setJobId(null)} onClose={onClose} />
  return <ProvisionForm preset={preset} onStarted={setJobId} />
}
