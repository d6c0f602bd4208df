import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'

/** A terminal that looks as the window does. It is large code: load what uses it when it is wanted. */
export function newTerminal(place: HTMLElement, options: ConstructorParameters<typeof Terminal>[0]): Terminal {
  const terminal = new Terminal({
    fontFamily: 'JetBrains Mono Variable, monospace',
    fontSize: 12,
    theme: colours(place),
    documentOverride: documentWithNonce(),
    ...options,
  })
  terminal.loadAddon(followingTheme(place))
  return terminal
}

/** Changes the colours with those of the window. */
function followingTheme(place: HTMLElement): Parameters<Terminal['loadAddon']>[0] {
  const stop = new AbortController()
  return {
    activate(terminal) {
      const observer = new MutationObserver(() => (terminal.options.theme = colours(place)))
      observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] })
      stop.signal.addEventListener('abort', () => observer.disconnect())
    },
    dispose: () => stop.abort(),
  }
}

/** The terminal writes a style sheet of its own, which the page's policy lets in by its nonce only. */
function documentWithNonce(): Document {
  const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? ''
  return new Proxy(document, {
    get(target, name) {
      if (name === 'createElement')
        return (tag: string): HTMLElement => {
          const element = target.createElement(tag)
          if (tag === 'style') element.nonce = nonce
          return element
        }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

type Theme = NonNullable<Terminal['options']['theme']>

function colours(place: HTMLElement): Theme {
  const style = getComputedStyle(place)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const [background, foreground] = [token('sunken'), token('ink')]
  const named = {
    red: token('danger'),
    green: token('ok'),
    yellow: token('attention'),
    blue: token('progress'),
    magenta: token('unconfirmed'),
    cyan: token('info'),
  }
  const bright = Object.fromEntries(
    Object.entries(named).map(([name, value]) => [`bright${name[0]?.toUpperCase()}${name.slice(1)}`, value]),
  )
  const greys = { black: foreground, white: token('dim'), brightBlack: token('dim'), brightWhite: foreground }
  return {
    background,
    foreground,
    cursor: foreground,
    cursorAccent: background,
    selectionBackground: `${token('line-strong')}66`,
    ...named,
    ...bright,
    ...greys,
  }
}
