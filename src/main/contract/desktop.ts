import { z } from 'zod'
import { failure } from './errors.ts'
import { call, live, nothing, stream } from './operations.ts'

export const place = z.enum(['bench', 'artifacts', 'flash', 'deployments', 'jobs', 'activity', 'settings'])
export type Place = z.infer<typeof place>

/** A part of the menu that the page knows: what is chosen comes back as its `choice`. */
export const menuSection = z.object({
  section: z.enum(['File', 'View', 'Go', 'Device', 'Artifact', 'Job', 'Server', 'Help']),
  /** What it is called in the language of the page. */
  title: z.string().max(100),
  items: z
    .array(z.object({ choice: z.string().max(5000), label: z.string().max(300), accelerator: z.string().max(60).nullable() }))
    .max(100),
  /** Choices that open beside a label of their own. */
  submenu: z
    .object({ label: z.string().max(100), items: z.array(z.object({ choice: z.string().max(5000), label: z.string().max(300) })).max(20) })
    .nullable(),
})
export type MenuSection = z.infer<typeof menuSection>

/** What the shell asks the page to do: something chosen in its menu, a link, files that were handed to the program. */
export const pageRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('choice'), choice: z.string() }),
  z.object({ kind: z.literal('link'), link: z.string() }),
  z.object({ kind: z.literal('files'), paths: z.array(z.string()).min(1) }),
])
export type PageRequest = z.infer<typeof pageRequest>

/** What only the desktop shell can do. Answered by Electron's main process; absent in the browser. */
export const desktop = {
  pickArtifact: call(nothing, z.object({ path: z.string().nullable() })),
  /** Asks for files to read, or for a folder; none when the person thought better of it. */
  pickFiles: call(z.object({ title: z.string(), isSeveral: z.boolean(), isFolder: z.boolean() }), z.object({ paths: z.array(z.string()) })),
  pickSavePath: call(z.object({ suggestedName: z.string() }), z.object({ path: z.string().nullable() })),
  /** Asks where to and writes the text there; null when the person thought better of it. */
  saveText: call(z.object({ suggestedName: z.string(), text: z.string() }), z.object({ path: z.string().nullable() })),
  /** Shows a file of the library in the system's file manager. */
  showInFolder: call(z.object({ path: z.string() }), nothing),
  /** Opens a folder of console logs in the system's file manager. */
  openFolder: call(z.object({ path: z.string() }), nothing),
  /** Opens the folder of the consoles' logs in the system's file manager. */
  openLogFolder: call(nothing, nothing),
  /** Draws all of the window a step larger, a step smaller, or as large as at first; kept for the next start. */
  zoom: call(z.object({ step: z.union([z.literal(1), z.literal(-1), z.literal(0)]) }), z.object({ percent: z.number() })),
  /** Opens the folder of the bench's data in the system's file manager. */
  openDataFolder: call(nothing, nothing),
  /** Goes on with a drag that began in the page as one of this file of the library, under this name. */
  dragOut: call(z.object({ path: z.string(), name: z.string().min(1).max(200) }), nothing),
  /** Makes the menu: these, beside what every desktop expects. */
  showMenu: call(z.array(menuSection), nothing),
  /** What came before the page listened comes first. */
  requests: stream(nothing, pageRequest),
  /** What goes on, for the taskbar and for who wants to quit: from 0 to 1, and a sentence for each thing that quitting would stop. */
  showWork: call(z.object({ fraction: z.number().min(0).max(1).nullable(), reasons: z.array(z.string()).max(100) }), nothing),
  /** A notification of the system, unless the window has the focus; a click follows the link (see links.ts). */
  notify: call(z.object({ title: z.string().max(200), body: z.string().max(1000), link: z.string().max(1000).nullable() }), nothing),
  /** Whether the window is all that the screen shows: without a menu, and closed by nothing. */
  setFullScreen: call(z.object({ isOn: z.boolean() }), nothing),
  /** Whether a screen reader or the like is at work. */
  assistiveTechnology: call(nothing, z.object({ isOn: z.boolean() })),
  /** Whether this program follows `otabench://` links, where the system asks programs for that. `isDone`: not on Linux, where files say it. */
  followLinks: call(z.object({ isOn: z.boolean() }), z.object({ isDone: z.boolean() })),
  versions: call(nothing, z.object({ app: z.string(), electron: z.string(), node: z.string() })),
  /** Whether the engine lives; a page that sees `stopped` offers the restart. */
  engine: live(nothing, z.object({ state: z.enum(['starting', 'running', 'stopped']), failure: failure.nullable() })),
  restartEngine: call(nothing, nothing),
}
