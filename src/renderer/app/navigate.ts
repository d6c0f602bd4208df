import { t } from '@lingui/core/macro'
import { type Link, linkText, parseLink } from '@contract/links.ts'
import { notifications } from '@mantine/notifications'
import { useCallback } from 'react'
import { useWindow } from './window-state.ts'

/** Goes where a link leads; one that leads nowhere is said to. */
export function useNavigate(): (text: string) => void {
  return useCallback((text: string) => {
    const link = parseLink(text)
    if (link !== null) goTo(link)
    else
      notifications.show({
        ...{ title: t`This link leads nowhere`, message: text.slice(0, 200), color: 'gray', withBorder: true, autoClose: 8000 },
      })
  }, [])
}

function goTo(link: Link): void {
  const { go, showFiltered, inspect, showArtifact, showDeployment, showJob } = useWindow.getState()
  if (link.kind === 'place') {
    if (link.filter === undefined) go(link.id)
    else showFiltered(link.filter)
  } else if (link.kind === 'device') inspect(link.id)
  else if (link.kind === 'artifact') showArtifact(link.id)
  else if (link.kind === 'deployment') showDeployment(link.id)
  else showJob(link.id)
}

/** The link to what is shown: what is open in the place, else the place as it is filtered. */
export function linkOfShown(): string {
  const { place, inspector, artifactId, deploymentId, jobId, filter, chips } = useWindow.getState()
  if (place === 'bench' && inspector !== null) return linkText({ kind: 'device', id: inspector.deviceId })
  if (place === 'artifacts' && artifactId !== null) return linkText({ kind: 'artifact', id: artifactId })
  if (place === 'deployments' && deploymentId !== null) return linkText({ kind: 'deployment', id: deploymentId })
  if (place === 'jobs' && jobId !== null) return linkText({ kind: 'job', id: jobId })
  return linkText({ kind: 'place', id: place, ...(place === 'bench' && { filter: { text: filter, chips: [...chips] } }) })
}
