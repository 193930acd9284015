import { readFile } from 'node:fs/promises'
import { Copy, DockerfileParser } from '../../../infra/node_modules/dockerfile-ast/lib/main.js'

export interface Instruction {
  keyword: string
  text: string
  words: string[]
  /** Of `COPY --from=STAGE`. */
  from: string | undefined
}

export interface Stage {
  /** Of `AS NAME`. */
  name: string | null
  /** The image or the stage that it begins with, variables filled in. */
  base: string
  instructions: Instruction[]
}

/** A Dockerfile as its stages. Imported where the parser is installed, and not before. */
export async function dockerfile(path: string): Promise<{ args: Map<string, string>; stages: Stage[] }> {
  const parsed = DockerfileParser.parse(await readFile(path, 'utf8'))
  const args = new Map(
    parsed.getInitialARGs().map((arg) => {
      const [name = '', ...value] = (arg.getArgumentsContent() ?? '').split('=')
      return [name, value.join('=')]
    }),
  )
  const stages: Stage[] = []
  for (const instruction of parsed.getInstructions()) {
    const words = instruction.getArguments().map((word) => word.getValue())
    const keyword = instruction.getKeyword()
    if (keyword === 'FROM') {
      const [image = ''] = words
      const base = image.replace(/\$\{(\w+)\}/g, (_, name: string) => args.get(name) ?? '')
      stages.push({ name: words[1] === 'AS' ? (words[2] ?? null) : null, base, instructions: [] })
    } else {
      const text = instruction.getArgumentsContent() ?? ''
      const flag = instruction instanceof Copy ? instruction.getFromFlag() : null
      stages.at(-1)?.instructions.push({ keyword, text, words, from: flag?.getValue() ?? undefined })
    }
  }
  return { args, stages }
}

/** What a stage copies: from the context where `from` is undefined. */
export function copies({ instructions }: Stage): { from: string | undefined; sources: string[] }[] {
  return instructions
    .filter(({ keyword }) => keyword === 'COPY')
    .map(({ from, words }) => ({
      from,
      sources: words.filter((word) => !word.startsWith('--')).slice(0, -1),
    }))
}
