import type { Artifact } from '@contract/artifacts.ts'
import type { SigningKey } from '@contract/keys.ts'
import { useAction } from '../../app/use-action.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { plural } from '../../ui/format.ts'

interface RemoveKeyProps {
  /** null while nothing is asked. */
  signingKey: SigningKey | null
  /** The artifacts of the library that it proves. */
  signed: readonly Artifact[]
  onClose: () => void
}

/** Asks before a key goes. One that can sign cannot be brought back: its name has to be typed. */
export function RemoveKey({ signingKey, signed, onClose }: RemoveKeyProps) {
  const remove = useAction((engine, id: string) => engine.keys.remove({ id }))
  const installed = signed.reduce((sum, { installedCount }) => sum + installedCount, 0)
  return (
    <Confirm
      title={`Remove the key ${signingKey?.name ?? ''}?`}
      action="Remove the key"
      isOpen={signingKey !== null}
      mustType={signingKey?.hasPrivateKey ? signingKey.name : undefined}
      onConfirm={() => signingKey !== null && remove.run(signingKey.id)}
      onClose={onClose}
    >
      <p>
        {signingKey?.hasPrivateKey
          ? 'Its private half is erased and cannot be brought back. Devices that trust only this key will refuse every later update.'
          : 'What it signed will be shown as signed by a key that is not here. It can be imported again.'}
      </p>
      {signed.length > 0 && (
        <p>
          <strong>It signed {plural(signed.length, 'artifact')} here</strong>
          {installed > 0 && `, and ${plural(installed, 'device')} ${installed === 1 ? 'runs' : 'run'} one`}:{' '}
          {signed
            .slice(0, 5)
            .map(({ name }) => name)
            .join(', ')}
          {signed.length > 5 && ` and ${signed.length - 5} more`}.
        </p>
      )}
    </Confirm>
  )
}
