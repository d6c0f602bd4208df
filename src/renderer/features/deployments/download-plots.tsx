import { plural, t } from '@lingui/core/macro'
import type { DeviceRates, DownloadFigures } from '@contract/figures.ts'
import { useLive } from '../../app/use-live.ts'
import { bytes, plotTime } from '../../ui/format.ts'
import { RatePlot } from '../../ui/plot/rate-plot.tsx'
import { Refusal } from '../../ui/refusal.tsx'
import { useNow } from '../../ui/use-now.ts'
import styles from './figures.module.css'

/** Of so few each one is shown without being asked for. */
const FEW = 4

type Rates = NonNullable<DownloadFigures['total']>

/** How fast a deployment is downloaded: by all together, and by the slowest. */
export function DownloadPlots({ id }: { id: string }) {
  const { value, failure } = useLive(`deployments.downloads ${id}`, (engine, signal) => engine.deployments.downloads({ id }, { signal }))
  if (failure !== null) return <Refusal failure={failure} className="dim" />
  if (value === null) return null
  const { total, devices, deviceCount } = value
  return (
    <section className={styles.figure} aria-label={t`Download rate`}>
      <h3 className={styles.title}>{t`Download rate`}</h3>
      {total === null ? (
        <p className="dim">{t`Nobody has downloaded anything of it yet.`}</p>
      ) : (
        <>
          <TimedRates label={t`Download rate of all devices`} rates={total} height={88} />
          {/* One alone is all of them, which is drawn above. */}
          {deviceCount > 1 && (
            <details className={styles.each} open={deviceCount <= FEW || undefined}>
              <summary>
                {deviceCount > devices.length
                  ? t`The ${devices.length} slowest of ${plural(deviceCount, { one: '# device', other: '# devices' })}`
                  : plural(deviceCount, { one: '# device', other: '# devices' })}
              </summary>
              <Each devices={devices} />
            </details>
          )}
        </>
      )}
    </section>
  )
}

function Each({ devices }: { devices: readonly DeviceRates[] }) {
  return (
    <ul className={styles.devices} aria-label={t`Download rate by device, the slowest first`}>
      {devices.map((device) => (
        <li key={device.deviceId}>
          <span className={styles.name}>{device.deviceName}</span>
          <TimedRates label={t`Download rate of ${device.deviceName}`} rates={device} height={28} isSmall />
        </li>
      ))}
    </ul>
  )
}

/** How fast one device of a deployment has downloaded; nothing where it has not. */
export function DeviceDownload({ id, deviceId }: { id: string; deviceId: string }) {
  const { value } = useLive(`deployments.downloads ${id} ${deviceId}`, (engine, signal) =>
    engine.deployments.downloads({ id, deviceId }, { signal }),
  )
  const [device] = value?.devices ?? []
  if (device === undefined) return null
  return (
    <div className={styles.one}>
      <TimedRates label={t`Download rate of ${device.deviceName}`} rates={device} height={56} />
    </div>
  )
}

interface TimedRatesProps {
  label: string
  rates: Rates
  height: number
  isSmall?: boolean
}

function TimedRates({
  label,
  rates: { startAt, stepMs, rates, totalBytes, averageRate, peakRate },
  height,
  isSmall = false,
}: TimedRatesProps) {
  const now = useNow()
  const at = (step: number): string => plotTime(startAt + step * stepMs, rates.length * stepMs, now)
  return (
    <RatePlot
      label={label}
      summary={
        isSmall
          ? t`${bytes(averageRate)}/s on average`
          : t`${bytes(totalBytes)}, ${bytes(averageRate)}/s on average, ${bytes(peakRate)}/s at most`
      }
      rates={rates}
      from={at}
      along={isSmall ? [] : [at(0), at(rates.length)]}
      height={height}
      isSmall={isSmall}
    />
  )
}
