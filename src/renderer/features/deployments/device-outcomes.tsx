import { plural, t } from '@lingui/core/macro'
import type { DeploymentDetail } from '@contract/deployments.ts'
import { type ReactNode, type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { useVirtualRows } from '../../ui/use-virtual-rows.ts'
import styles from './deployments.module.css'
import { DeviceOutcome } from './device-outcome.tsx'

/** Guesses, until a line is measured. */
const [LINE_PX, LINES_PX] = [49, 76]
/** Lines that are drawn above and below what is seen. */
const SPARE = 5

interface DeviceOutcomesProps {
  deployment: DeploymentDetail
  /** What stands above the devices and is scrolled with them. */
  children: ReactNode
}

/** What became of the devices, of which only those in sight are drawn. */
export function DeviceOutcomes({ deployment: { id, name, devices, deviceCount }, children }: DeviceOutcomesProps) {
  const [openId, setOpenId] = useState<string | null>(null)
  const toggle = useCallback((deviceId: string) => setOpenId((open) => (open === deviceId ? null : deviceId)), [])
  const scroller = useRef<HTMLElement>(null)
  const head = useRef<HTMLDivElement>(null)
  const above = useHeight(head)
  const virtual = useVirtualRows({
    ...{ count: devices.length, scroller, spare: SPARE, above },
    sizeOf: (index) => (devices[index]?.explanation === '' ? LINE_PX : LINES_PX),
    keyOf: (index) => devices[index]?.deviceId ?? `${index}`,
  })
  return (
    <section ref={scroller} className={styles.view} aria-label={name}>
      <div ref={head} className={styles.above}>
        {children}
      </div>
      <div className={styles.devices} style={{ height: virtual.getTotalSize() }} role="feed" aria-label={t`Devices`}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const device = devices[index]
          if (device === undefined) return null
          return (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className={styles.place}
              role="presentation"
              style={{ transform: `translateY(${start - above}px)` }}
            >
              <DeviceOutcome
                deploymentId={id}
                device={device}
                place={index + 1}
                count={deviceCount}
                isOpen={device.deviceId === openId}
                onToggle={toggle}
              />
            </div>
          )
        })}
      </div>
      <p className={styles.rest}>
        {devices.length < deviceCount && plural(deviceCount - devices.length, { one: '# more device', other: '# more devices' })}
      </p>
    </section>
  )
}

function useHeight(of: RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(0)
  useLayoutEffect(() => {
    const element = of.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => setHeight(entry?.borderBoxSize[0]?.blockSize ?? 0))
    observer.observe(element)
    return () => observer.disconnect()
  }, [of])
  return height
}
