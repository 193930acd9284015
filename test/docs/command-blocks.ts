import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/**
 * What the comment above a block says of it:
 *
 *   <!-- run -->                       a test of test/docs/ runs it, after the blocks before it on its page
 *   <!-- serve -->                     the same; its last line serves until the page has ended
 *   <!-- run by test/x.test.ts -->     that test runs it
 *   <!-- not run: REASON -->
 */
type Mark = { kind: 'run' | 'serve' } | { kind: 'run by'; test: string } | { kind: 'not run'; reason: string }

/** Commands that a page shows for a shell. */
export interface CommandBlock {
  page: string
  /** Of the fence, from 1. */
  line: number
  /** Undefined where the line above is no comment, or one that says something else. */
  mark: Mark | undefined
  text: string
  /** The block below, where nothing stands between: what the page says that the commands print. */
  shown?: { language: string; text: string }
}

/** `docs/how-to/serve.md:13` */
export const placeOf = ({ page, line }: CommandBlock) => `${page}:${line}`

/** Whether a test of test/docs/ is to run it. */
export const isRunHere = ({ mark }: CommandBlock) => mark?.kind === 'run' || mark?.kind === 'serve'

/** The pages whose blocks are for readers; what the log and the decisions tell was run is over. */
export function pages(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'])
  return listed
    .toString()
    .trim()
    .split('\n')
    .filter((page) => /^(README|CONTRIBUTING)\.md$|^docs\//.test(page))
    .filter((page) => page !== 'docs/log.md' && !page.startsWith('docs/decisions/'))
}

/** The blocks of shell commands of a page, in their order. */
export async function blocksOf(page: string): Promise<CommandBlock[]> {
  const text = await readFile(page, 'utf8')
  const fences = [...text.matchAll(/^( *)```(\w+)\n([\s\S]*?)^ *```$/gm)]
  return fences.flatMap((fence, n) => {
    const [, indent = '', language, inside = ''] = fence
    if (language !== 'sh') return []
    const lineAbove = text.slice(0, fence.index).split('\n').at(-2) ?? ''
    const next = fences[n + 1]
    const between = text.slice(fence.index + fence[0].length, next?.index)
    const shown = next !== undefined && next[2] !== 'sh' && between.trim() === '' && next
    return {
      page,
      line: text.slice(0, fence.index).split('\n').length,
      mark: markOf(lineAbove.trim()),
      text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      ...(shown ? { shown: { language: shown[2] ?? '', text: shown[3] ?? '' } } : {}),
    }
  })
}

function markOf(line: string): Mark | undefined {
  const said = /^<!-- (.*) -->$/.exec(line)?.[1]
  if (said === 'run' || said === 'serve') return { kind: said }
  const test = /^run by (\S+)$/.exec(said ?? '')?.[1]
  if (test !== undefined) return { kind: 'run by', test }
  const reason = /^not run: (.+)$/.exec(said ?? '')?.[1]
  return reason === undefined ? undefined : { kind: 'not run', reason }
}
