import styles from './diff-lines.module.css'

const KINDS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'place', '…': 'place' }

/** A text difference as unified hunks. The sign before a line says what the colour says. */
export function DiffLines({ lines, label }: { lines: readonly string[]; label: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <pre className={styles.diff} tabIndex={0} aria-label={label}>
      {lines.map((line, index) => (
        <div key={`${index}${line}`} data-kind={KINDS[line[0] ?? '']}>
          {line === '' ? ' ' : line}
        </div>
      ))}
    </pre>
  )
}
