import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the program of a thread lies: beside the sources, or beside the bundles. */
export function threadProgram(name: string): string {
  const places = [`../../${name}.ts`, `${name}.js`, `../${name}.js`].map((place) => join(import.meta.dirname, place))
  return places.find((place) => existsSync(place)) ?? `${name}.js`
}
