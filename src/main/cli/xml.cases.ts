/** An element of a small XML document. */
export interface XmlElement {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const TAG = /\s*<(\/?)([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.-]*="[^"<]*")*)\s*(\/?)>/y

function textOf(value: string): string {
  return value.replaceAll(/&(?:(\w+);)?/g, (found, name: string | undefined) => {
    const character = ENTITIES[name ?? '']
    if (character === undefined) throw new Error(`"${found}" is no entity`)
    return character
  })
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w.-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, textOf(value)] as const)
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`an attribute stands twice in "${text}"`)
  return Object.fromEntries(pairs)
}

/** Reads an XML 1.0 document of elements and attributes alone (section 2.1: well-formed) and throws at whatever is none. */
export function readXml(document: string): XmlElement {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(document)) throw new Error('a character that XML 1.0 does not know')
  const head = /^<\?xml version="1\.0" encoding="UTF-8"\?>/.exec(document)
  if (!head) throw new Error('there is no XML declaration')
  const root: XmlElement = { name: '', attributes: {}, children: [] }
  const open = [root]
  TAG.lastIndex = head[0].length
  while (document.slice(TAG.lastIndex).trim() !== '') {
    const at = TAG.lastIndex
    const [, isEnd, name = '', attributes = '', isEmpty] = TAG.exec(document) ?? []
    const parent = open.at(-1)
    if (name === '' || !parent) throw new Error(`no tag at "${document.slice(at, at + 40)}"`)
    if (isEnd) {
      if (parent.name !== name) throw new Error(`</${name}> ends <${parent.name}>`)
      open.pop()
      continue
    }
    const element = { name, attributes: attributesOf(attributes), children: [] }
    parent.children.push(element)
    if (!isEmpty) open.push(element)
  }
  const [only, another] = root.children
  if (open.length !== 1 || !only || another) throw new Error('there is not one whole element')
  return only
}
