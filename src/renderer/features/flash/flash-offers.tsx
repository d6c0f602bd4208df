import { t } from '@lingui/core/macro'
import { useMachine } from '../../app/machine.ts'
import { useOffers } from '../../app/offers.ts'
import { useWindow } from '../../app/window-state.ts'
import { useFlash } from './flash-state.ts'
import { usePickImage } from './use-pick-image.ts'

/** Offers what the Flash place can do by itself, from wherever one is. */
export function FlashOffers() {
  const machine = useMachine()
  const { go, place, askStation } = useWindow()
  const { imagePath, inspect, setComposing } = useFlash()
  const look = usePickImage(t`Look into an image`, (path) => {
    go('flash')
    inspect(path)
  })
  function compose(): void {
    go('flash')
    inspect(null)
    setComposing(true)
  }
  const station = (): void => askStation(place === 'flash' ? imagePath : null)
  useOffers(() =>
    machine === null ? {} : { 'flash.compose': { run: compose }, 'flash.look': { run: look }, 'station.open': { run: station } },
  )
  return null
}
