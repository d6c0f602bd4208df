import { plural, t } from '@lingui/core/macro'
import type { ServerCertificate, ServerStatus } from '@contract/server.ts'
import { Button } from '@mantine/core'
import { Download, FileKey, RotateCw, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { useServer } from '../../app/facts.tsx'
import { saveText } from '../../app/save-text.ts'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { May } from '../../app/may.tsx'
import { Facts } from '../../ui/chip.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { Empty } from '../../ui/empty.tsx'
import { daysUntil, exactly } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import { Trouble } from '../../ui/trouble.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Section } from './section.tsx'
import styles from './settings.module.css'
import { UseCertificate } from './use-certificate.tsx'

/** What the https address shows, and what devices trust it by. */
export function CertificateTab() {
  const server = useServer().value
  if (server === null) return null
  if (server.certificate === null)
    return (
      <Empty
        icon={ShieldCheck}
        title={t`No https`}
        text={t`This server was started without an https address, so it shows no certificate.`}
      />
    )
  return (
    <div className={styles.column}>
      <Shown certificate={server.certificate} />
      <Authority server={server} />
      <Section
        title={t`Certificates of clients`}
        text={
          server.clientCaFile === null
            ? t`Any client may connect. Started with --client-ca FILE, otabench serve lets in only those with a certificate of that authority.`
            : t`Only clients with a certificate of ${server.clientCaFile} may connect.`
        }
      >
        {null}
      </Section>
    </div>
  )
}

function Shown({ certificate }: { certificate: ServerCertificate }) {
  const now = useNow()
  const { isOwn, isFixed, subject, issuer, names, fingerprint, validFrom, expiresAt, certFile, problem } = certificate
  const [isChoosing, setChoosing] = useState(false)
  const machine = useMachine()
  const renew = useAction((engine) => engine.server.renewCertificate())
  const own = useAction((engine) => engine.server.setCertificate(null))
  const days = daysUntil(expiresAt, now)
  return (
    <Section
      title={t`Server certificate`}
      text={
        isOwn
          ? t`Of the bench's own authority. It is made anew 90 days before it ends, and when this machine gets another address.`
          : t`Of another authority. Its files are looked at every minute.`
      }
    >
      {problem !== '' && <Trouble>{problem}</Trouble>}
      <Facts
        rows={[
          [t`ends`, <Days key="ends" days={days} text={t`in ${plural(days, { one: '# day', other: '# days' })}, ${exactly(expiresAt)}`} />],
          [
            t`valid from`,
            new Date(validFrom).getFullYear() <= 1970 ? t`1970, for boards whose clock is dead` : <Moment key="from" at={validFrom} />,
          ],
          [t`made for`, subject],
          [t`issued by`, issuer],
          [t`good for`, names.join(', ') || t`no name or address: devices refuse it`],
          [t`SHA-256`, <CopyText key="sum" text={fingerprint} shown={`${fingerprint.slice(0, 32)}…`} label={t`the fingerprint`} />],
          ...(certFile === null ? [] : [[t`file`, certFile] as const]),
        ]}
      />
      <div className={styles.buttons}>
        {isOwn && (
          <May group="server">
            <Button variant="default" leftSection={<RotateCw size={13} />} loading={renew.isBusy} onClick={() => renew.run()}>
              {t`Renew now`}
            </Button>
          </May>
        )}
        {!isFixed && machine !== null && (
          <May group="server">
            <Button variant="default" leftSection={<FileKey size={13} />} onClick={() => setChoosing(true)}>
              {t`Use another…`}
            </Button>
          </May>
        )}
        {!isOwn && !isFixed && machine !== null && (
          <May group="server">
            <Button variant="default" loading={own.isBusy} onClick={() => own.run()}>
              {t`Use the bench's own`}
            </Button>
          </May>
        )}
      </div>
      {isFixed && <p className="dim">{t`It was named when the server was started.`}</p>}
      <UseCertificate isOpen={isChoosing} onClose={() => setChoosing(false)} />
    </Section>
  )
}

/** Soon is what a person has to see to: one of the bench's own would have been renewed by then. */
function Days({ days, text }: { days: number; text: string }) {
  return (
    <span data-soon={days < 30} className={styles.days}>
      {text}
    </span>
  )
}

function Authority({ server: { caFile, caPem } }: { server: ServerStatus }) {
  const { desktop } = useConnection()
  const save = useAction((_engine, pem: string) => saveText(desktop, 'ca.pem', pem))
  if (caPem === null || caFile === null) return null
  return (
    <Section
      title={t`Authority`}
      text={t`Devices trust this server by the file that they have as ServerCertificate. It stays the same when the certificate is renewed.`}
    >
      <Facts rows={[[t`CA file`, <CopyText key="file" text={caFile} label={t`the path`} />]]} />
      <div className={styles.buttons}>
        <Button variant="default" leftSection={<Download size={13} />} onClick={() => save.run(caPem)}>
          {t`Save the CA…`}
        </Button>
      </div>
    </Section>
  )
}
