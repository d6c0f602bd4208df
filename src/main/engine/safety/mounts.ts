import type { Mount } from './facts.ts'

/** /proc/PID/mountinfo (proc_pid_mountinfo(5)): fields up to `-` are optional in number; spaces and such are octal. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [front = '', back = ''] = line.split(' - ')
    const [, , numbers, root, target] = front.split(' ')
    const [fileSystem, source] = back.split(' ')
    if (numbers === undefined || root === undefined || target === undefined || fileSystem === undefined) return []
    return [{ numbers, root: unescaped(root), target: unescaped(target), fileSystem, source: unescaped(source ?? '') }]
  })
}

/** /proc/swaps: a header, then a line an area, its path first. */
export function parseSwaps(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [path = ''] = line.split(/\s+/)
      return path === '' ? [] : [unescaped(path)]
    })
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** The mount that a path lies in: the one that was made last of those with the longest target. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  const around = mounts.filter(({ target }) => target === '/' || path === target || path.startsWith(`${target}/`))
  return around.toSorted((a, b) => a.target.length - b.target.length).at(-1) ?? null
}
