import { type RefObject, useLayoutEffect, useState } from 'react'

/** How wide the content may be, and the scroll bar beside it is: there is none where everything fits, or in a browser without a window. */
export function useWidths(of: RefObject<HTMLElement | null>): { width: number; barWidth: number } {
  const [widths, setWidths] = useState({ width: 0, barWidth: 0 })
  useLayoutEffect(() => {
    const element = of.current
    if (element === null) return
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth
      setWidths({ width, barWidth: element.offsetWidth - width })
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [of])
  return widths
}
