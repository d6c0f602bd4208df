import './ui/theme.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { createRoot } from 'react-dom/client'
import { connect } from './app/connect.ts'
import { ConnectionProvider } from './app/connection-context.tsx'
import { FactsProvider } from './app/facts.tsx'
import { Frame } from './app/frame.tsx'
import { cssVariables, theme } from './ui/theme.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root')

const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content

createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ''}>
    <Notifications position="bottom-left" limit={3} mb={30} ml={84} />
    <ConnectionProvider connection={connect()}>
      <FactsProvider>
        <Frame />
      </FactsProvider>
    </ConnectionProvider>
  </MantineProvider>,
)
