/** What a script printed as `key=value`, line by line; of two of a key the last. Lines without `=` are left out. */
export function keyLines(output: string): Map<string, string> {
  const pairs = output.split('\n').map((line) => [line, line.indexOf('=')] as const)
  return new Map(pairs.filter(([, at]) => at >= 0).map(([line, at]) => [line.slice(0, at), line.slice(at + 1).trim()]))
}
