// The writer as one file without packages: what is installed where only root can change it (resources/writer/install.sh).
import { build } from 'vite'
import { root } from './program.ts'

/** Builds writer.js into a folder. */
export async function buildWriter(outDir: string): Promise<void> {
  await build({
    ...{ root, configFile: false, logLevel: 'warn', publicDir: false },
    build: { ssr: 'src/main/writer.ts', outDir, target: 'node24', emptyOutDir: false },
  })
}

const [folder] = process.argv.slice(2)
if (import.meta.main && folder !== undefined) await buildWriter(folder)
