import type { DeploymentDetail } from '../../contract/deployments.ts'

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escape(text: string): string {
  // XML 1.0 knows no control characters but tab and the line ends, not even escaped.
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '').replace(/[^\P{Cc}\t\n\r]/gu, '')
}

const GOOD = new Set(['success', 'already-installed'])

/** A finished deployment as JUnit XML: one suite, a test case a device. */
export function junit(deployment: DeploymentDetail): string {
  const { name, devices, createdAt, finishedAt } = deployment
  const failures = devices.filter(({ status }) => !GOOD.has(status)).length
  const seconds = (from: number | null, to: number | null) => (((to ?? 0) - (from ?? 0)) / 1000).toFixed(3)
  const cases = devices.map((device) => {
    const head = `    <testcase classname="${escape(name)}" name="${escape(device.deviceName)}" time="${seconds(device.startedAt, device.finishedAt)}"`
    if (GOOD.has(device.status)) return `${head}/>`
    const failure = `      <failure type="${device.status}" message="${escape(device.explanation || device.status)}"/>`
    return `${head}>\n${failure}\n    </testcase>`
  })
  const counts = `tests="${devices.length}" failures="${failures}" errors="0" time="${seconds(createdAt, finishedAt)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escape(name)}" ${counts} timestamp="${new Date(createdAt).toISOString()}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}
