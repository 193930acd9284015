import type { Command } from 'commander'
import { intersection } from '../../data/csr-matrix.ts'
import { readKnownPairs } from '../../data/known-pairs.ts'
import { openRun } from '../../data/run.ts'
import { NightjarError, UsageError } from '../../errors.ts'
import { evaluateBesidePopularity } from '../../evaluate/beside-popularity.ts'
import type { Evaluation } from '../../evaluate/evaluate.ts'
import { openStore } from '../../store/open-store.ts'
import { openTrainedModel, optionsOf } from '../../train/trained-model.ts'
import { action, command } from '../command.ts'
import { type EngineFlags, openEngine, withEngineOptions } from '../engine-options.ts'

interface EvaluateFlags extends EngineFlags {
  test: string
  k: number[]
  dataset?: string
}

export function evaluateCommand(): Command {
  return withEngineOptions(
    command(
      'evaluate',
      'precision, recall, F1 and NDCG of a run on held-out pairs, beside popularity',
      'nightjar evaluate work/run --test test.csv\nnightjar evaluate work/run --test test.csv --json \\\n  | jq \'.metrics["10"].f1\'',
    )
      .argument('<run>', 'run folder, as `nightjar train` wrote it')
      .requiredOption('--test <file>', 'user and item pairs that the run has not seen')
      .option('--k <list>', 'lengths of list to look at', parseKs, [1, 5, 10])
      .option('--dataset <folder>', 'the dataset, if it was moved since training'),
  ).action(
    action(async (context, runPlace: string, flags: EvaluateFlags) => {
      const { progress, signal, result } = context
      const run = await openRun(openStore(runPlace))
      const dataset = await run.openDataset(flags.dataset)
      const engine = await openEngine(flags, context, optionsOf(run).kind)
      const test = await readKnownPairs(flags.test, dataset, run.extent, signal)
      progress.note(test.describe('test'))
      const known = await run.known(dataset)
      const knownPairs = intersection(test.pairs, known).columns.length
      if (knownPairs > 0) {
        progress.note(`${knownPairs} of ${test.counts.pairs} pairs were known in training and cannot be hit`)
      }
      if (knownPairs === test.counts.pairs) throw nothingToFind(flags.test, run.store.uri)
      const { model, fitted } = await openTrainedModel(run, dataset, engine)
      const evaluated = await evaluateBesidePopularity(model, fitted, known, test, flags.k, progress, signal)
      model.close()
      const { versionId } = run.manifest
      result(
        {
          versionId,
          model: run.manifest.model,
          users: evaluated.model.users,
          metrics: evaluated.model.metrics,
          popularity: evaluated.popularity.metrics,
          test: { ...test.counts, knownPairs },
        },
        () =>
          [
            ...table(run.manifest.model, evaluated.model, evaluated.popularity),
            '',
            `next: nightjar export ${runPlace} --k 100`,
          ].join('\n'),
      )
    }),
  )
}

function nothingToFind(test: string, run: string): NightjarError {
  return new NightjarError('TEST_KNOWN', {
    what: `${test}: every pair of it was known when ${run} was trained, so none can be found`,
    why: 'the model was trained on the rows that it is to be tested on',
    fix: 'import the train.csv of `nightjar split`, train on that, and evaluate with its test.csv',
  })
}

function parseKs(text: string): number[] {
  const ks = text.split(',').map(Number)
  if (ks.every((k) => Number.isInteger(k) && k >= 1 && k <= 1000)) return ks
  throw new UsageError(`invalid k: ${text} (want integers from 1 to 1000, such as 1,5,10)`)
}

function table(name: string, model: Evaluation, popularity: Evaluation): string[] {
  const lines = [`${model.users} users`, '', 'model         k  precision    recall        F1      NDCG']
  for (const [label, evaluation] of [
    [name, model],
    ['popularity', popularity],
  ] as const) {
    for (const [k, m] of Object.entries(evaluation.metrics)) {
      const figures = [m.precision, m.recall, m.f1, m.ndcg].map((x) => x.toFixed(4).padStart(9))
      lines.push(`${label.padEnd(11)} ${k.padStart(3)}  ${figures.join(' ')}`)
    }
  }
  return lines
}
