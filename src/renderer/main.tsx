import './ui/theme.css'
import { I18nProvider } from '@lingui/react'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { useLayoutEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { i18n } from '@language'
import { connect } from './app/connect.ts'
import { ConnectionProvider } from './app/connection-context.tsx'
import { FactsProvider } from './app/facts.tsx'
import { Frame } from './app/frame.tsx'
import { provideClipboard } from './app/plain-clipboard.ts'
import { cssVariables, theme } from './ui/theme.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root')

const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content

document.documentElement.lang = i18n.locale
provideClipboard()

/** The page stands where its outline was. */
function OutlineGone() {
  useLayoutEffect(() => {
    document.getElementById('first')?.remove()
  }, [])
  return null
}

createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ''}>
    <I18nProvider i18n={i18n}>
      <ConnectionProvider connection={connect()}>
        <FactsProvider>
          <Notifications position="bottom-left" limit={3} mb={30} ml={84} />
          <Frame />
          <OutlineGone />
        </FactsProvider>
      </ConnectionProvider>
    </I18nProvider>
  </MantineProvider>,
)
