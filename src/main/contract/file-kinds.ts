/** What a file is by its name; of a recipe and a list, what is in it says where it is opened. */
export type FileKind = 'artifact' | 'image' | 'recipe' | 'list'

const KINDS: readonly (readonly [FileKind, RegExp])[] = [
  ['artifact', /\.mender$/i],
  ['image', /\.(img|wic|sdimg|iso|raw|dos|gpt)(\.(gz|xz|zst|bz2|zip))?$/i],
  ['recipe', /\.ya?ml$/i],
  ['list', /\.(csv|tsv)$/i],
]

/** null: nothing here opens such files. */
export function fileKind(path: string): FileKind | null {
  return KINDS.find(([, name]) => name.test(path))?.[0] ?? null
}
