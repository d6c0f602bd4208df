const order: { collator?: Intl.Collator } = {}

/**
 * Below, at or above zero, as people order texts: their runs of digits as numbers ("v1.10" after "v1.9"). What orders them is made when it is first
 * needed: it reads tables of its own, and not every start compares anything.
 */
export function compareNaturally(a: string, b: string): number {
  order.collator ??= new Intl.Collator('en', { numeric: true })
  return order.collator.compare(a, b)
}
