import { type Link, parseLink } from '@contract/links.ts'
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
        ...{ title: 'This link leads nowhere', message: text.slice(0, 200), color: 'gray', withBorder: true, autoClose: 8000 },
      })
  }, [])
}

function goTo(link: Link): void {
  const { go, inspect, showArtifact, showDeployment, showJob } = useWindow.getState()
  if (link.kind === 'place') go(link.id)
  else if (link.kind === 'device') inspect(link.id)
  else if (link.kind === 'artifact') showArtifact(link.id)
  else if (link.kind === 'deployment') showDeployment(link.id)
  else showJob(link.id)
}
