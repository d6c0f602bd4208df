import type { Artifact } from '@contract/artifacts.ts'
import { ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react'
import { signatureWord } from '../../ui/artifact-facts.ts'
import styles from './artifacts.module.css'

/** What is known of a signature, with an icon of its own for each case. */
export function Signature({ signature }: Pick<Artifact, 'signature'>) {
  const Icon = !signature.present ? ShieldOff : signature.verifiedBy === null ? ShieldAlert : ShieldCheck
  return (
    <span className={styles.signature}>
      <Icon size={13} aria-hidden />
      {signatureWord(signature)}
    </span>
  )
}
