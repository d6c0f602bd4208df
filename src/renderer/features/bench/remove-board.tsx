import { t } from '@lingui/core/macro'
import { useAction } from '../../app/use-action.ts'
import { Confirm } from '../../ui/confirm.tsx'

/** Asks before a virtual board goes for good. */
export function RemoveBoard({ name, isOpen, onClose }: { name: string; isOpen: boolean; onClose: () => void }) {
  const remove = useAction((engine) => engine.boards.remove({ name }))
  return (
    <Confirm title={t`Remove ${name}?`} action={t`Remove`} isOpen={isOpen} onConfirm={() => remove.run()} onClose={onClose}>
      {t`Its card and all that is on it are deleted, and its device leaves the bench with its history.`}
    </Confirm>
  )
}
