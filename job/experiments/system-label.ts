import { systems } from './printed.ts'

/** Models that the paper does not have, and the project does. */
const others: Record<string, string> = {
  popularity: 'Popularity',
  'item-knn': 'ItemKNN',
  ease: 'EASE',
  ials: 'iALS',
}

/** A model's name as tables have it: the paper's, where it has one. */
export function systemLabel(model: string): string {
  return { ...systems, ...others }[model] ?? model
}
