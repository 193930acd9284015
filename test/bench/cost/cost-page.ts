import { costBlocks } from './cost-tables.ts'

export const pagePath = 'docs/cost.md'
export const chartPath = 'docs/images/cost.svg'

/**
 * The page with everything reckoned put in its place: between `<!-- reckoned: NAME -->` and `<!-- end -->`.
 *
 * @throws Error where the page has no place for something, or a place for what there is not
 */
export function fillIn(page: string): string {
  const blocks = costBlocks()
  const placed = new Set<string>()
  const filled = page.replace(
    /(<!-- reckoned: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      if (blocks[name] === undefined)
        throw new Error(`${pagePath} has a place for ${name}, which is not reckoned`)
      placed.add(name)
      return `${begin}\n${blocks[name]}\n\n${end}`
    },
  )
  const missing = Object.keys(blocks).filter((name) => !placed.has(name))
  if (missing.length > 0) throw new Error(`${pagePath} has no place for ${missing.join(', ')}`)
  return filled
}
