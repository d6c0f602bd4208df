const DROPPED = 'a page is told no path of what is dropped on it'
const AT_CABLE = 'its engine sits at a cable in a network of its own, where no browser reaches its server'
const EMULATED = 'minutes of an emulated processor, twice, would prove the same page'

/**
 * Journeys that are made in the app alone, each with the reason. By file; where others of a file are made in Chromium as well, by the titles.
 * Whoever takes the `app` of a journey, or starts one, has to be here, and nobody else (see journey.ts and desktop-only.test.ts).
 */
export const DESKTOP_ONLY: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  'boards.spec.ts': {
    'a virtual board is made, speaks in the console dock': EMULATED,
    'a card image is tried on a virtual board': EMULATED,
  },
  'compare.spec.ts': { 'files that are dropped are compared without being added': DROPPED },
  'desktop.spec.ts': {
    'files and links on the command line are opened where they belong': 'the desktop hands files and links to a program, not to a page',
    'what is dropped on the window is opened where it belongs': DROPPED,
    'lists and layouts that are dropped': DROPPED,
  },
  'discovery.spec.ts': AT_CABLE,
  'engine-crash.spec.ts': 'an engine of the window is killed and restarted; in a browser it is the server, see browser.spec.ts',
  'every-place.spec.ts': {
    'axe finds nothing in what is refused': 'the desktop hands a file to the program, and its engine is killed',
  },
  'flash.spec.ts': {
    'an image that is dropped is flashed': DROPPED,
    'a card is composed by the form': DROPPED,
  },
  'guide.spec.ts': 'the pictures of the guide are of the app',
  'jobs.spec.ts': 'the window asks before it is closed, and the desktop tells what has failed',
  'keychain.spec.ts': "the desktop's keychain",
  'language.spec.ts': 'the window is told its language when it is started',
  'library.spec.ts': { 'the file of an artifact can be dragged out': 'a page drags no file out, and opens no folder' },
  'new-artifact.spec.ts': {
    'a file that is dropped on the form': DROPPED,
    'the form asks for what each kind asks for': DROPPED,
  },
  'palette.spec.ts': { 'the sheet, the menu and the window have the keys': "the window's menu" },
  'pictures.spec.ts': 'drawn by the pinned Electron: a browser that Debian updates draws otherwise each time',
  'security.spec.ts': "the window's own borders",
  'small-window.spec.ts': 'the window is zoomed',
  'station.spec.ts': { 'the window of a station stays': 'the desktop holds the window' },
  'topology.spec.ts': { 'a board on the network hangs on its network': AT_CABLE },
  'zoom.spec.ts': 'the window is zoomed, and told what a desktop asks programs for',
}

/** Journeys of a browser alone. */
export const BROWSER_ONLY = ['browser.spec.ts', 'roles.spec.ts']

/** Why this journey is made in the app alone; null for one that is made in Chromium as well. */
export function whyDesktop(file: string, title: string): string | null {
  const listed = DESKTOP_ONLY[file] ?? {}
  if (typeof listed === 'string') return listed
  return Object.entries(listed).find(([beginning]) => title.startsWith(beginning))?.[1] ?? null
}

/** The same for Playwright, which leaves out files, and whatever fits a pattern. */
export const desktopFiles = Object.entries(DESKTOP_ONLY).flatMap(([file, why]) => (typeof why === 'string' ? [file] : []))
export const desktopTitles = Object.entries(DESKTOP_ONLY).flatMap(([file, why]) =>
  typeof why === 'string' ? [] : Object.keys(why).map((title) => new RegExp(`${file} ${title}`)),
)
