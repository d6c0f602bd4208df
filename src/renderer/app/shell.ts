/** What the preload hands to the page; absent in a browser. */
interface Shell {
  connect(kind: 'engine' | 'desktop'): void
  pathOf(file: File): string
}

declare global {
  interface Window {
    readonly bench?: Shell
  }
}

/** The desktop shell around this page; null in a browser. */
export const shell: Shell | null = window.bench ?? null
