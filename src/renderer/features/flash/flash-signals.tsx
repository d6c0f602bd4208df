import { t } from '@lingui/core/macro'
import { linkText } from '@contract/links.ts'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { useFlashes } from '../../app/facts.tsx'
import { useOpens } from '../../app/file-openers.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Spoken } from '../../ui/spoken.tsx'
import { useFlash } from './flash-state.ts'
import { laneNews } from './lane-news.ts'
import { canFinish, isOpen, outcome } from './lane-words.ts'
import { fileName } from './partition-words.ts'
import { playEnd } from '../../ui/play-end.ts'

const FLASH = linkText({ kind: 'place', id: 'flash' })

/** What the desktop hears of flashing: how each one ended; and a screen reader, how lanes go on. */
export function FlashSignals() {
  const views = useFlashes().value
  const { desktop } = useConnection()
  const hasSound = useFlash((state) => state.hasSound)
  const { chooseImage, setComposing, set } = useFlash()
  const go = useWindow((state) => state.go)
  useOpens('image', ([path]) => {
    chooseImage(path ?? null)
    go('flash')
  })
  useOpens('layout', ([path]) => {
    go('flash')
    setComposing(true, path)
  })
  // One with a layout is kept, and not composed before somebody chooses it: that writes a file.
  const keep = useAction(
    async (engine, path: string) => {
      const recipe = await engine.recipes.read({ path })
      await engine.recipes.save(recipe)
      return recipe
    },
    ({ name, image, layout, verify, differential }) => {
      set({ verify, differential })
      chooseImage(layout === null ? image : null)
      go('flash')
      const message = layout === null ? t`Its image is chosen.` : t`Choose it to compose its image.`
      notifications.show({ title: t`${name} is kept among the recipes`, message, color: 'gray', withBorder: true, autoClose: 8000 })
    },
  )
  useOpens('flash-recipe', ([path]) => path !== undefined && keep.run(path))
  const running = useRef(new Set<string>())
  useEffect(() => {
    if (views === null) return
    for (const view of views.filter(({ id }) => running.current.has(id))) {
      if (view.lanes.some(isOpen)) continue
      const isGood = !view.lanes.some(canFinish)
      if (hasSound) playEnd(isGood)
      desktop?.notify({ title: fileName(view.request.source), body: outcome(view), link: FLASH }).catch(() => undefined)
    }
    running.current = new Set(views.filter(({ lanes }) => lanes.some(isOpen)).map(({ id }) => id))
  }, [views, desktop, hasSound])
  return <Spoken value={views} news={laneNews} />
}
