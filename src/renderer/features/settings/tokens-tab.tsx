import { t } from '@lingui/core/macro'
import type { AccessToken } from '@contract/tokens.ts'
import { Button } from '@mantine/core'
import { KeyRound, Lock, Ticket, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { May, useRefusal } from '../../app/may.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Empty } from '../../ui/empty.tsx'
import { daysUntil } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { useNow } from '../../ui/use-now.ts'
import { NewToken } from './new-token.tsx'
import { Table } from '../../ui/table.tsx'
import styles from './settings.module.css'

/** What programs log in with, and what each of them may. */
export function TokensTab() {
  const tokens = useLive('tokens.list', (engine, signal) => engine.tokens.list(undefined, { signal })).value
  const [isMaking, setMaking] = useState(false)
  const make = (
    <May group="tokens">
      <Button leftSection={<KeyRound size={13} />} onClick={() => setMaking(true)}>
        {t`New token…`}
      </Button>
    </May>
  )
  const why = useRefusal('tokens')
  if (why !== null) return <Empty icon={Lock} title={t`Access tokens are not shown`} text={why} />
  if (tokens === null) return null
  return (
    <>
      {tokens.length === 0 ? (
        <Empty
          icon={Ticket}
          title={t`No access tokens`}
          text={t`A build job logs in with a token of its own, which may do only what you tick, and ends by itself.`}
        >
          {make}
        </Empty>
      ) : (
        <>
          <div className={styles.tools}>
            <p>{t`What programs log in with. Each may do only what it was made for.`}</p>
            {make}
          </div>
          <TokenTable tokens={tokens} />
        </>
      )}
      <NewToken isOpen={isMaking} onClose={() => setMaking(false)} />
    </>
  )
}

function TokenTable({ tokens }: { tokens: readonly AccessToken[] }) {
  const now = useNow()
  const [asking, setAsking] = useState<AccessToken | null>(null)
  const revoke = useAction((engine, id: string) => engine.tokens.revoke({ id }))
  return (
    <>
      <Table label={t`Access tokens`} titles={[t`Name`, t`May`, t`Made`, t`Ends`, t`Last used`, null]}>
        {tokens.map((token) => (
          <tr key={token.id}>
            <td className={styles.name}>{token.name}</td>
            <td>
              <span className={styles.chips}>
                {token.scopes.length === 0 ? <Chip>{t`everything`}</Chip> : token.scopes.map((scope) => <Chip key={scope}>{scope}</Chip>)}
              </span>
            </td>
            <td>
              <Moment at={token.createdAt} />
            </td>
            <td>{t`in ${daysUntil(token.expiresAt, now)} d`}</td>
            <td>
              <Moment at={token.lastUsedAt} />
            </td>
            <td className={styles.end}>
              <Button
                size="compact-xs"
                variant="default"
                leftSection={<Trash2 size={12} />}
                aria-label={t`Revoke ${token.name}`}
                onClick={() => setAsking(token)}
              >
                {t`Revoke…`}
              </Button>
            </td>
          </tr>
        ))}
      </Table>
      <Confirm
        title={t`Revoke ${asking?.name ?? ''}?`}
        action={t`Revoke`}
        isOpen={asking !== null}
        onConfirm={() => asking !== null && revoke.run(asking.id)}
        onClose={() => setAsking(null)}
      >
        {t`Whoever uses this token is refused from now on. It cannot be had back; a new one is made in its place.`}
      </Confirm>
    </>
  )
}
