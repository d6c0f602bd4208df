import { type ESTree, parseSync } from 'vite'

export type Node = ESTree.Node
type Routine = ESTree.Function | ESTree.ArrowFunctionExpression

/** A file as it was read: its nodes, and above each the one that it stands in. */
export interface Source {
  file: string
  code: string
  nodes: readonly Node[]
  above: ReadonlyMap<Node, Node>
  /** What each function answers that is more than one expression. */
  answers: ReadonlyMap<Node, readonly Node[]>
}

/** Reads a file of TypeScript; refuses one that is no TypeScript. */
export function readSource(file: string, code: string): Source {
  const { program, errors } = parseSync(file, code)
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message}`)
  const nodes: Node[] = []
  const above = new Map<Node, Node>()
  const answers = new Map<Node, Node[]>()
  const visit = (node: Node, around: Node | null): void => {
    nodes.push(node)
    const isAnswer = node.type === 'ReturnStatement' || node.type === 'YieldExpression'
    if (around && isAnswer && node.argument) answers.set(around, [...(answers.get(around) ?? []), node.argument])
    const inside = isRoutine(node) ? node : around
    for (const child of childrenOf(node)) {
      above.set(child, node)
      visit(child, inside)
    }
  }
  visit(program, null)
  return { file, code, nodes, above, answers }
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) children.push(...value.filter(isNode))
    else if (isNode(value)) children.push(value)
  }
  return children
}

/** Types say nothing. */
function isNode(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') return false
  return !value.type.startsWith('TS') || /^TS(As|Satisfies|NonNull)/.test(value.type)
}

export function isRoutine(node: Node): node is Routine {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration'
}

/** The node without what is only said about types and promises. */
export function plain(node: Node): Node {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ChainExpression':
      return plain(node.expression)
    case 'AwaitExpression':
      return plain(node.argument)
    default:
      return node
  }
}

/** `name` of `name`, `x.name`, `x.#name` and `'name'`; null for what has no name. */
export function nameOf(node: Node): string | null {
  switch (node.type) {
    case 'Identifier':
    case 'PrivateIdentifier':
      return node.name
    case 'Literal':
      return typeof node.value === 'string' ? node.value : null
    case 'MemberExpression':
      return node.computed ? null : nameOf(node.property)
    default:
      return null
  }
}

/** Whether letters stand here, in quotes or put together. */
export function isText(node: Node): boolean {
  if (node.type === 'Literal') return typeof node.value === 'string'
  return node.type === 'TemplateLiteral' || (node.type === 'BinaryExpression' && node.operator === '+')
}

/** What a value may be, or consists of; null for what is one thing. */
export function branchesOf(node: Node): Node[] | null {
  switch (node.type) {
    case 'ConditionalExpression':
      return [node.consequent, node.alternate]
    case 'LogicalExpression':
      return [node.left, node.right]
    case 'ArrayExpression':
      return node.elements.filter((each) => each !== null)
    case 'SpreadElement':
      return [node.argument]
    case 'ObjectExpression':
      return node.properties.flatMap((each) => (each.type === 'Property' ? [each.value] : []))
    case 'NewExpression':
      return [...node.arguments]
    default:
      return null
  }
}
