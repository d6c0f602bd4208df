import { t } from '@lingui/core/macro'
import type { Comparing, Comparison } from '@contract/comparisons.ts'
import { useState } from 'react'
import { tabPanel, Tabs } from '../../ui/tabs.tsx'
import { CompareFiles } from './compare-files.tsx'
import { CompareScripts } from './compare-scripts.tsx'
import { Sign } from './compare-sign.tsx'
import { imageFiles, sectionsOf, type ValueRow, whyUnreadable } from './compare-words.ts'
import styles from './compare.module.css'

type Answer = Extract<Comparing, { state: 'done' }>
type Tab = 'overview' | 'scripts' | 'files'

/** What differs, in three parts: what the artifacts say, their scripts, and the files inside their images. */
export function CompareResult({ answer }: { answer: Answer }) {
  const { comparison } = answer
  const [tab, setTab] = useState<Tab>('overview')
  const fileCount = imageFiles(comparison).length + answer.unlistedCount
  return (
    <>
      <Tabs
        label={t`What differs`}
        tabs={[
          ['overview', t`Overview (${sectionsOf(comparison).reduce((sum, { rows }) => sum + rows.length, 0)})`],
          ['scripts', t`State scripts (${comparison.scripts.length})`],
          ['files', t`Files (${fileCount})`],
        ]}
        value={tab}
        onChange={setTab}
      />
      <div className={styles.panel} {...tabPanel(tab)}>
        {tab === 'overview' && <Overview comparison={comparison} />}
        {tab === 'scripts' && <CompareScripts scripts={comparison.scripts} />}
        {tab === 'files' && <CompareFiles answer={answer} why={whyUnreadable(comparison)} />}
      </div>
    </>
  )
}

function Overview({ comparison }: { comparison: Comparison }) {
  const sections = sectionsOf(comparison)
  if (sections.length === 0) return <p className={styles.nothing}>{t`Header, provides, depends and payload are the same.`}</p>
  return (
    <table className={styles.values}>
      <thead>
        <tr>
          <th>{t`What`}</th>
          <th>{t`Before`}</th>
          <th>{t`After`}</th>
        </tr>
      </thead>
      {sections.map(({ title, rows }) => (
        <tbody key={title}>
          <tr>
            <th colSpan={3} scope="rowgroup" className={styles.section}>
              {title}
            </th>
          </tr>
          {rows.map((row) => (
            <Row key={row.name} row={row} />
          ))}
        </tbody>
      ))}
    </table>
  )
}

function Row({ row: { name, change, a, b } }: { row: ValueRow }) {
  return (
    <tr>
      <th scope="row">
        <Sign change={change} />
        {name}
      </th>
      <td data-side={a === null ? 'none' : 'a'}>{a ?? t`none`}</td>
      <td data-side={b === null ? 'none' : 'b'}>{b ?? t`none`}</td>
    </tr>
  )
}
