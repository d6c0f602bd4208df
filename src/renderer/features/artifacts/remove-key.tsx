import { plural, t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'
import type { SigningKey } from '@contract/keys.ts'
import { useAction } from '../../app/use-action.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { andMore } from '../../ui/format.ts'

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
      title={t`Remove the key ${signingKey?.name ?? ''}?`}
      action={t`Remove the key`}
      isOpen={signingKey !== null}
      mustType={signingKey?.hasPrivateKey ? signingKey.name : undefined}
      onConfirm={() => signingKey !== null && remove.run(signingKey.id)}
      onClose={onClose}
    >
      <p>
        {signingKey?.hasPrivateKey
          ? t`Its private half is erased and cannot be brought back. Devices that trust only this key will refuse every later update.`
          : t`What it signed will be shown as signed by a key that is not here. It can be imported again.`}
      </p>
      {signed.length > 0 && (
        <p>
          <strong>{t`It signed ${plural(signed.length, { one: '# artifact', other: '# artifacts' })} here`}</strong>
          {installed > 0 && t`, and ${plural(installed, { one: '# device runs one', other: '# devices run one' })}`}:{' '}
          {andMore(
            signed
              .slice(0, 5)
              .map(({ name }) => name)
              .join(', '),
            signed.length - 5,
          )}
          .
        </p>
      )}
    </Confirm>
  )
}
