import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cacheFolder } from './keep-compiled.ts'

it('lies among the caches of the user, and nowhere where the home is absent or of somebody else', () => {
  const home = mkdtempSync(join(tmpdir(), 'otabench-home-'))
  try {
    expect(cacheFolder({ HOME: home })).toBe(join(home, '.cache'))
    expect(cacheFolder({ HOME: '/absent', XDG_CACHE_HOME: home })).toBe(home)
    expect(cacheFolder({ HOME: home, XDG_CACHE_HOME: '/absent' })).toBeNull()
    expect(cacheFolder({ HOME: join(home, 'absent') })).toBeNull()
    expect(cacheFolder({})).toBeNull()
    const othersHome = process.geteuid?.() === 0 ? home : '/'
    if (othersHome === home) chownSync(home, 65_534, 65_534)
    expect(cacheFolder({ HOME: othersHome })).toBeNull()
  } finally {
    rmSync(home, { recursive: true })
  }
})
