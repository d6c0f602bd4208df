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
        New token…
      </Button>
    </May>
  )
  const why = useRefusal('tokens')
  if (why !== null) return <Empty icon={Lock} title="Access tokens are not shown" text={why} />
  if (tokens === null) return null
  return (
    <>
      {tokens.length === 0 ? (
        <Empty
          icon={Ticket}
          title="No access tokens"
          text="A build job logs in with a token of its own, which may do only what you tick, and ends by itself."
        >
          {make}
        </Empty>
      ) : (
        <>
          <div className={styles.tools}>
            <p>What programs log in with. Each may do only what it was made for.</p>
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
      <Table label="Access tokens" titles={['Name', 'May', 'Made', 'Ends', 'Last used', null]}>
        {tokens.map((token) => (
          <tr key={token.id}>
            <td className={styles.name}>{token.name}</td>
            <td>
              <span className={styles.chips}>
                {token.scopes.length === 0 ? <Chip>everything</Chip> : token.scopes.map((scope) => <Chip key={scope}>{scope}</Chip>)}
              </span>
            </td>
            <td>
              <Moment at={token.createdAt} />
            </td>
            <td>in {daysUntil(token.expiresAt, now)} d</td>
            <td>
              <Moment at={token.lastUsedAt} />
            </td>
            <td className={styles.end}>
              <Button
                size="compact-xs"
                variant="default"
                leftSection={<Trash2 size={12} />}
                aria-label={`Revoke ${token.name}`}
                onClick={() => setAsking(token)}
              >
                Revoke…
              </Button>
            </td>
          </tr>
        ))}
      </Table>
      <Confirm
        title={`Revoke ${asking?.name ?? ''}?`}
        action="Revoke"
        isOpen={asking !== null}
        onConfirm={() => asking !== null && revoke.run(asking.id)}
        onClose={() => setAsking(null)}
      >
        Whoever uses this token is refused from now on. It cannot be had back; a new one is made in its place.
      </Confirm>
    </>
  )
}
