import { t } from '@lingui/core/macro'
import type { Comparison } from '@contract/comparisons.ts'
import { useState } from 'react'
import { DiffLines } from '../../ui/diff-lines.tsx'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { Sign } from './compare-sign.tsx'
import styles from './compare.module.css'

/** The state scripts that differ, and how the text of one does. */
export function CompareScripts({ scripts }: Pick<Comparison, 'scripts'>) {
  const [name, setName] = useState<string | null>(scripts[0]?.name ?? null)
  const script = scripts.find((each) => each.name === name)
  if (script === undefined) return <p className={styles.nothing}>{t`The state scripts are the same.`}</p>
  return (
    <div className={styles.split}>
      <VirtualList
        label={t`State scripts that differ`}
        items={scripts}
        rowHeight={30}
        keyOf={(each) => each.name}
        selectedKey={script.name}
        onSelect={(each) => setName(each.name)}
      >
        {(each) => (
          <div className={styles.file}>
            <Sign change={each.change} />
            <span className={styles.path}>{each.name}</span>
          </div>
        )}
      </VirtualList>
      {script.lines === null ? (
        <p className={styles.nothing}>{t`A program, not a text.`}</p>
      ) : (
        <DiffLines lines={script.lines} label={t`How ${script.name} differs`} />
      )}
    </div>
  )
}
