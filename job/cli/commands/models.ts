import type { Command } from 'commander'
import type { ModelKind } from '../../models/model.ts'
import { modelKinds } from '../../models/model-kinds.ts'
import { action, command } from '../command.ts'

export function modelsCommand(): Command {
  return command(
    'models',
    'the models that `train` knows, what each is from, and its options',
    "nightjar models\nnightjar models --json | jq '.[].name'",
  ).action(
    action(async ({ result }) => {
      const facts = modelKinds.map(({ name, about, defaults, runsOn, oneEpoch }) => ({
        ...{ name, about, options: defaults, runsOn, oneEpoch },
      }))
      result(facts, () => [...modelKinds.map(describe), howToChoose].join('\n'))
    }),
  )
}

function describe({ name, about, defaults, runsOn, oneEpoch }: ModelKind): string {
  const options = Object.entries(defaults).flatMap(([option, value]) =>
    Array.isArray(value) ? [] : [`${option}=${value}`],
  )
  const lists = Object.entries(defaults).flatMap(([option, value]) =>
    Array.isArray(value) ? wrapped(`${option}=${namesOf(value)}`.split(/(?<=,)/), '') : [],
  )
  const facts = [
    runsOn === 'engine' ? 'on any engine' : 'on the CPU',
    oneEpoch ? 'one epoch' : 'the best epoch is searched for',
  ]
  const [first, ...rest] = wrapped(about.split(' '), ' ')
  return [
    name.padEnd(indent.length) + first.trimStart(),
    ...rest,
    ...wrapped(options.length + lists.length === 0 ? ['no options'] : options, '  '),
    ...lists,
    `${indent}${facts.join('; ')}`,
    '',
  ].join('\n')
}

/** A blend's parts as one would type them. */
const namesOf = (parts: readonly { model: string }[]) => parts.map(({ model }) => model).join()

const indent = ' '.repeat(18)

/** Words in lines of eighty columns at most. */
function wrapped(words: readonly string[], between: string): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.length - 1
    const longer = `${lines[last]}${between}${word}`
    if (last >= 0 && longer.length <= 80) lines[last] = longer
    else lines.push(indent + word)
  }
  return lines
}

const howToChoose = `Train one with --model NAME; --option NAME=VALUE sets an option, as in
  nightjar train work/ml-1m --out work/ials --model ials --option factors=256`
