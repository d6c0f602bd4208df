import { isRoutine, type Node, nameOf, plain, type Source } from './tree.ts'

/** An expression, and the file that it stands in. */
export interface Place {
  source: Source
  node: Node
}

interface Routine {
  source: Source
  answers: readonly Node[]
}

interface Call {
  source: Source
  args: readonly Node[]
}

/** Everything that has a name, by its name alone: what is called the same in two places is taken for one. */
export class Names {
  readonly routines = new Map<string, Routine[]>()
  /** Of functions, and of classes. */
  readonly calls = new Map<string, Call[]>()
  /** What is written into fields. */
  readonly fields = new Map<string, Place[]>()
  readonly #variables = new Map<string, Map<string, Place[]>>()
  /** What variables hold, whichever file they are of. */
  readonly #anywhere = new Map<string, Place[]>()
  readonly #imported = new Map<string, Set<string>>()

  constructor(sources: readonly Source[]) {
    for (const source of sources) {
      const variables = new Map<string, Place[]>()
      const imported = new Set<string>()
      this.#variables.set(source.file, variables)
      this.#imported.set(source.file, imported)
      for (const node of source.nodes) this.#add({ source, node }, variables, imported)
    }
  }

  /** What a variable of this file holds, wherever it is from. */
  variable(file: string, name: string): readonly Place[] {
    if (this.#imported.get(file)?.has(name)) return this.#anywhere.get(name) ?? []
    return this.#variables.get(file)?.get(name) ?? []
  }

  /** What a function answers. */
  answersOf(source: Source, node: Node): readonly Node[] {
    if (!isRoutine(node) || node.body === null) return []
    return node.body.type === 'BlockStatement' ? (source.answers.get(node) ?? []) : [node.body]
  }

  #add({ source, node }: Place, variables: Map<string, Place[]>, imported: Set<string>): void {
    if (node.type === 'CallExpression' || node.type === 'NewExpression')
      put(this.calls, nameOf(node.callee), { source, args: node.arguments })
    if (node.type === 'ImportSpecifier') imported.add(node.local.name)
    for (const held of heldBy(node)) {
      const value = plain(held.value)
      if (isRoutine(value)) put(this.routines, held.name, { source, answers: this.answersOf(source, value) })
      if (value === node) continue
      put(held.isVariable ? variables : this.fields, held.name, { source, node: value })
      if (held.isVariable) put(this.#anywhere, held.name, { source, node: value })
    }
  }
}

function put<T>(all: Map<string, T[]>, name: string | null, value: T): void {
  if (name === null) return
  const known = all.get(name)
  if (known) known.push(value)
  else all.set(name, [value])
}

interface Held {
  name: string | null
  value: Node
  isVariable: boolean
}

/** What the node gives names to. */
function heldBy(node: Node): Held[] {
  switch (node.type) {
    case 'FunctionDeclaration':
      return [{ name: node.id?.name ?? null, value: node, isVariable: true }]
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return node.value ? [{ name: nameOf(node.key), value: node.value, isVariable: false }] : []
    case 'VariableDeclarator':
      return node.init ? boundTo(node.id, node.init) : []
    case 'ForOfStatement':
      return node.left.type === 'VariableDeclaration' ? node.left.declarations.flatMap(({ id }) => boundTo(id, node.right)) : []
    case 'AssignmentExpression':
      return [{ name: nameOf(node.left), value: node.right, isVariable: node.left.type === 'Identifier' }]
    case 'AssignmentPattern':
      return [{ name: nameOf(node.left), value: node.right, isVariable: true }]
    case 'CallExpression':
      return addedBy(node)
    default:
      return []
  }
}

/** The names that a value gets, whole or item by item; its fields are known by their own names. */
function boundTo(pattern: Node, value: Node): Held[] {
  const names = pattern.type === 'ArrayPattern' ? pattern.elements.map((each) => each && nameOf(each)) : [nameOf(pattern)]
  return names.map((name) => ({ name, value, isVariable: true }))
}

/** What a list gets that is added to. */
function addedBy({ callee, arguments: added }: Node & { type: 'CallExpression' }): Held[] {
  if (callee.type !== 'MemberExpression' || nameOf(callee) !== 'push') return []
  return added.map((value) => ({ name: nameOf(callee.object), value, isVariable: callee.object.type === 'Identifier' }))
}
