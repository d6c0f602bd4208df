import { isRoutine, type Node, nameOf, type Source } from './tree.ts'

/** Where a name gets its value: what a function is called with, or a field of that. */
type Given = { kind: 'argument'; of: string; at: number } | { kind: 'field'; name: string }

/** What the functions around a node are given under this name; null where none is. */
export function parameterOf(source: Source, node: Node, name: string): Given | null {
  for (let around = source.above.get(node); around; around = source.above.get(around)) {
    if (!isRoutine(around)) continue
    const at = around.params.findIndex((param) => binds(param, name))
    const param = around.params[at]
    if (!param) continue
    if (bare(param).type === 'ObjectPattern') return { kind: 'field', name: keyOf(param, name) }
    const of = calledAs(source, around)
    // without a name nobody calls it by one: a callback
    return { kind: 'argument', of: of ?? '', at }
  }
  return null
}

/** Where values are taken apart, one of which gets this name. */
export function takenApart(source: Source, name: string): Node[] {
  return source.nodes.flatMap((node) =>
    node.type === 'VariableDeclarator' && node.id.type === 'ObjectPattern' && binds(node.id, name) ? [node.id] : [],
  )
}

/** The field of which a pattern makes this name. */
export function keyOf(pattern: Node, name: string): string {
  const node = bare(pattern)
  const fields = node.type === 'ObjectPattern' ? node.properties : []
  const field = fields.find((each) => each.type === 'Property' && nameOf(bare(each.value)) === name)
  return (field?.type === 'Property' ? nameOf(field.key) : null) ?? name
}

function binds(pattern: Node, name: string): boolean {
  const node = bare(pattern)
  if (node.type === 'Identifier') return node.name === name
  return node.type === 'ObjectPattern' && node.properties.some((each) => each.type === 'Property' && nameOf(bare(each.value)) === name)
}

/** A parameter without its default. */
function bare(param: Node): Node {
  if (param.type === 'AssignmentPattern') return param.left
  return param.type === 'RestElement' ? param.argument : param
}

/** The name by which a function is called, or its class made; null for one without. */
function calledAs(source: Source, routine: Node): string | null {
  if (isRoutine(routine) && routine.id) return routine.id.name
  const over = source.above.get(routine)
  switch (over?.type) {
    case 'VariableDeclarator':
      return nameOf(over.id)
    case 'Property':
    case 'PropertyDefinition':
      return nameOf(over.key)
    case 'MethodDefinition':
      return over.kind === 'constructor' ? classAround(source, over) : nameOf(over.key)
    default:
      return null
  }
}

function classAround(source: Source, method: Node): string | null {
  const body = source.above.get(method)
  const owner = body && source.above.get(body)
  return owner?.type === 'ClassDeclaration' && owner.id ? owner.id.name : null
}
