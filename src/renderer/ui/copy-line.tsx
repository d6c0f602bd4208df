import { t } from '@lingui/core/macro'
import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import styles from './copy-line.module.css'

interface CopyLineProps {
  text: string
  /** What the text is, for the button: "the address". */
  label: string
  /** However many lines it has. */
  isWhole?: boolean
}

/** More lines than these are shown by their beginning and their end. */
const SHOWN_LINES = 8

/** Text to be pasted elsewhere, with its copy button. */
export function CopyLine({ text, label, isWhole = false }: CopyLineProps) {
  return (
    <div className={styles.line}>
      <pre className={styles.text}>{isWhole ? text : shortened(text)}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t`Copied` : t`Copy ${label}`}>
            <ActionIcon aria-label={copied ? t`Copied ${label}` : t`Copy ${label}`} onClick={copy}>
              {copied ? <Check size={14} /> : <Copy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  )
}

function shortened(text: string): string {
  const lines = text.split('\n')
  return lines.length <= SHOWN_LINES ? text : [...lines.slice(0, 3), '…', ...lines.slice(-2)].join('\n')
}
