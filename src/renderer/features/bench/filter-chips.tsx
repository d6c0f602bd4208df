import { number } from '../../ui/format.ts'
import { t } from '@lingui/core/macro'
import type { BenchChip } from '@contract/bench-filter.ts'
import type { Device } from '@contract/devices.ts'
import { MultiSelect } from '@mantine/core'
import { ListFilter } from 'lucide-react'
import { useMemo } from 'react'
import { useDeviceCount } from '../../app/facts.tsx'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { chipOptions, chipWords, facetWords, keyOf } from './bench-filter.ts'
import styles from './filter-chips.module.css'
import { useGroups } from './use-shown.ts'

const NOBODY = { devices: [], groups: [], tags: [] }
/** More of a facet are found by typing. */
const LIMIT = 200

interface FilterChipsProps {
  /** null while the conditions are not shown: then nobody counts who meets them. */
  devices: readonly Device[] | null
  onFiltering: (isFiltering: boolean) => void
}

/** What devices have to be to be shown: each condition a chip, taken away by Backspace or by choosing it again. */
export function FilterChips({ devices, onFiltering }: FilterChipsProps) {
  const { chips, setChips } = useWindow()
  const groups = useGroups()
  const deviceCount = useDeviceCount() ?? 0
  const tags = useLive(devices && 'devices.tags', (engine, signal) => engine.devices.tags(undefined, { signal })).value
  const options = useMemo(
    () => chipOptions(devices === null ? NOBODY : { devices, groups, tags: tags ?? [] }, chips),
    [devices, groups, tags, chips],
  )
  const all = new Map(options.flatMap(([, of]) => of.map((option) => [keyOf(option.chip), option] as const)))
  return (
    <MultiSelect
      size="xs"
      className={styles.field}
      aria-label={t`Filter by state, group, type, software or tag`}
      placeholder={chips.length === 0 ? t`Any state, group, type…` : ''}
      leftSection={<ListFilter size={13} aria-hidden />}
      onDropdownOpen={() => onFiltering(true)}
      onDropdownClose={() => onFiltering(false)}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t`Clear the filter` }}
      hidePickedOptions={false}
      limit={LIMIT}
      maxDropdownHeight={360}
      comboboxProps={{ width: 300, position: 'bottom-start' }}
      nothingFoundMessage={t`Nothing is called so`}
      data={options.map(([facet, of]) => ({
        group: facetWords(facet, devices?.length ?? 0, deviceCount),
        items: of.map(({ chip }) => ({ value: keyOf(chip), label: chipWords(chip) })),
      }))}
      value={chips.map(keyOf)}
      onChange={(keys) => setChips(keys.flatMap((key): readonly BenchChip[] | BenchChip => all.get(key)?.chip ?? []))}
      renderOption={({ option }) => (
        <span className={styles.option}>
          <span className={styles.label}>{all.get(option.value)?.label ?? option.label}</span>
          <span className={styles.count}>{number(all.get(option.value)?.count ?? 0)}</span>
        </span>
      )}
    />
  )
}
