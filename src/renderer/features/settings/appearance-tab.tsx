import { t } from '@lingui/core/macro'
import { Radio, Stack, Switch, useMantineColorScheme } from '@mantine/core'
import { useContrast } from '../../app/contrast.ts'
import { useConnection } from '../../app/connection-context.tsx'
import { useCall } from '../../app/use-call.ts'
import { Facts } from '../../ui/chip.tsx'
import { Section } from './section.tsx'
import styles from './settings.module.css'

const SCHEMES = [
  ['auto', t`The system's`],
  ['light', t`Light`],
  ['dark', t`Dark`],
] as const

export function AppearanceTab() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { contrast, setContrast } = useContrast()
  const choose = (value: string): void => {
    const scheme = SCHEMES.find(([each]) => each === value)?.[0]
    if (scheme !== undefined) setColorScheme(scheme)
  }
  return (
    <div className={styles.column}>
      <Section title={t`Theme`}>
        <Radio.Group aria-label={t`Theme`} value={colorScheme} onChange={choose}>
          <Stack gap={8}>
            {SCHEMES.map(([value, label]) => (
              <Radio key={value} size="xs" value={value} label={label} />
            ))}
          </Stack>
        </Radio.Group>
      </Section>
      <Section title={t`Contrast`} text={t`Where the system asks for more contrast, or for colours of its own, that is followed too.`}>
        <Switch
          size="xs"
          label={t`More contrast`}
          checked={contrast === 'more'}
          onChange={(event) => setContrast(event.currentTarget.checked ? 'more' : 'auto')}
        />
      </Section>
      <Versions />
    </div>
  )
}

function Versions() {
  const { desktop } = useConnection()
  const versions = useCall(desktop === null ? null : 'desktop.versions', () => desktop?.versions() ?? Promise.resolve(null)).value
  if (versions === null) return null
  return (
    <Section title={t`This program`}>
      <Facts
        rows={[
          ['OTA Bench', versions.app],
          ['Electron', versions.electron],
        ]}
      />
    </Section>
  )
}
