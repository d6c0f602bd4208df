import { t } from '@lingui/core/macro'
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'
import { giveFocusBack } from './kept-focus.ts'

/** The chrome's only colour: none. Buttons are ink on paper in the light, paper on ink in the dark. */
const ink: MantineColorsTuple = [
  '#f4f6f6',
  '#e4e9eb',
  '#c9d1d4',
  '#a9b4b9',
  '#87949a',
  '#6a777e',
  '#4f5b62',
  '#364147',
  '#20292e',
  '#12181b',
]

/** The kit's greys of the dark scheme, tuned to this palette: 0 text … 9 deepest. */
const dark: MantineColorsTuple = [
  '#e4e9eb',
  '#c5ced2',
  '#98a4ac',
  '#6d7a83',
  '#2f373d',
  '#262d32',
  '#181d21',
  '#12161a',
  '#0d1012',
  '#080a0c',
]

/** Filled buttons follow the tokens, so that their text keeps its contrast in both schemes. */
const variantColors: VariantColorsResolver = (input) => {
  if (input.variant !== 'filled') return defaultVariantColorsResolver(input)
  const background = input.color === 'red' ? 'var(--danger)' : 'var(--ink)'
  return { background, hover: `color-mix(in srgb, ${background} 86%, var(--panel))`, color: 'var(--panel)', border: 'none' }
}

export const theme = createTheme({
  fontFamily: 'var(--face)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11px', sm: '12.5px', md: '13px', lg: '15px', xl: '18px' },
  headings: { fontFamily: 'var(--face)', fontWeight: '620' },
  colors: { ink, dark },
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 1 },
  variantColorResolver: variantColors,
  defaultRadius: 4,
  cursorType: 'pointer',
  // The ring of theme.css: the kit's class for none would win over it.
  focusRing: 'never',
  focusClassName: 'focusable',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' }, styles: { root: { paddingInline: 12 }, section: { marginInlineEnd: 6 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 26 } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    TagsInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    // White, which the kit draws them in, is not seen on the ink of the dark scheme.
    Checkbox: { defaultProps: { iconColor: 'var(--panel)' } },
    Switch: { styles: { thumb: { backgroundColor: 'var(--panel)', borderColor: 'var(--line-strong)' } } },
    Radio: { defaultProps: { iconColor: 'var(--panel)' } },
    InputWrapper: { styles: { description: { fontSize: 11.5 }, error: { fontSize: 11.5 } } },
    Tooltip: { defaultProps: { openDelay: 350, fz: 11.5, withArrow: true } },
    // The page itself never scrolls, and the strict content policy knows no style element but the kit's own.
    Modal: {
      styles: { title: { fontSize: 15, fontWeight: 640 } },
      defaultProps: {
        lockScroll: false,
        centered: true,
        radius: 6,
        overlayProps: { backgroundOpacity: 0.35 },
        // What is closed is gone at once: the key that follows is the place's, and so is the focus.
        transitionProps: { duration: 120, exitDuration: 0 },
        onExitTransitionEnd: giveFocusBack,
      },
    },
    Notification: {
      defaultProps: { closeButtonProps: { 'aria-label': t`Close` } },
      styles: { description: { color: 'var(--dim)' } },
    },
    // Without it the focus goes to the first item, and the menu holds items alone.
    Menu: {
      defaultProps: {
        shadow: 'md',
        position: 'bottom-end',
        transitionProps: { duration: 90, exitDuration: 0 },
        withInitialFocusPlaceholder: false,
      },
    },
  },
})

/** The kit's own variables, set from the tokens of theme.css. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--panel)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--dim)',
    '--mantine-color-placeholder': 'var(--dim)',
    '--mantine-color-error': 'var(--danger)',
    '--mantine-color-default': 'var(--panel)',
    '--mantine-color-default-hover': 'var(--sunken)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-red-filled': 'var(--danger-mark)',
  }
  // What cannot be pressed now is seen as a button on panels too, whose colour the kit gives it in the dark.
  return { variables: {}, light: shared, dark: { ...shared, '--mantine-color-disabled': 'var(--mantine-color-dark-5)' } }
}
