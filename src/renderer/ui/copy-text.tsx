import { t } from '@lingui/core/macro'
import { CopyButton, Tooltip } from '@mantine/core'
import { Check } from 'lucide-react'
import styles from './copy-text.module.css'

interface CopyTextProps {
  text: string
  /** What is shown of it; the whole text by default. */
  shown?: string
  /** What the text is, for the tooltip: "the fingerprint". */
  label: string
}

/** A text that a click copies: a checksum, a fingerprint. */
export function CopyText({ text, shown = text, label }: CopyTextProps) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t`Copied` : t`Copy ${label}`}>
          <button type="button" className={styles.text} onClick={copy}>
            {shown}
            <span className="sr-only">{copied ? t`, copied` : t`, copy ${label}`}</span>
            {copied && <Check size={12} aria-hidden />}
          </button>
        </Tooltip>
      )}
    </CopyButton>
  )
}
