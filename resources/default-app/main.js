// What a prepared Electron runtime starts with, in place of the default app that Electron itself is published with:
//   electron [--require MODULE] [--switches] APP [ARGUMENTS]
// APP is a folder with a package.json, or one file. Test drivers hand over their hook with --require (or -r).
import { app } from 'electron'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Splits the command line into the modules to require first and the app to start. */
function parse(words) {
  const hooks = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]
    if (word === '-r' || word === '--require') hooks.push(words[(at += 1)])
    else if (!word.startsWith('-')) return { hooks, target: word }
  }
  return { hooks, target: null }
}

/** Makes Electron believe the app's own name, version and folder; answers the file to import. */
function adopt(target) {
  const manifestFile = join(target, 'package.json')
  if (!existsSync(manifestFile)) {
    app.setAppPath(dirname(target))
    return target
  }
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
  app.setAppPath(target)
  app.name = manifest.productName ?? manifest.name ?? app.name
  app.setDesktopName(`${manifest.name ?? 'electron'}.desktop`)
  if (manifest.version) app.setVersion(manifest.version)
  return createRequire(manifestFile).resolve(join(target, manifest.main ?? 'index.js'))
}

const { hooks, target } = parse(process.argv.slice(1))
if (target === null) {
  console.error('Name the folder of an app: electron [--require MODULE] APP')
  app.exit(2)
} else {
  const require = createRequire(import.meta.url)
  for (const hook of hooks) require(resolve(hook))
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true })
  try {
    await import(pathToFileURL(adopt(resolve(target))).href)
  } catch (thrown) {
    console.error('The app could not be loaded.', thrown)
    app.exit(1)
  }
}
