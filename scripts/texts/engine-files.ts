import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EngineText, engineTexts } from './engine-texts.ts'

/** What speaks to a simulated device's shell, in SQL, or as mender-artifact does; the glossary has its own place among the texts. */
const ELSEWHERE =
  /\.(test|cases|child)\.ts$|^src\/main\/(engine\/device\/remote\/(commands|disk)\.|engine\/store\/migration-|engine\/safety\/signatures|engine\/provision\/station\/label\/pdf|engine\/host\.fake|cli\/commands\/artifact-text|contract\/glossary)/

/** The files in which something is said that the window or the command line shows. */
export function engineFiles(root: string): { file: string; code: string }[] {
  const files = globSync('src/main/**/*.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'))
  return files.filter((file) => !ELSEWHERE.test(file)).map((file) => ({ file, code: readFileSync(join(root, file), 'utf8') }))
}

export const readEngineTexts = (root: string): EngineText[] => engineTexts(engineFiles(root))
