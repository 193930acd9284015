import { type CsrMatrix, transpose } from '../data/csr-matrix.ts'
import type { ModelSpec } from '../engine/model-spec.ts'
import {
  initialState,
  type ParameterName,
  parameterAxis,
  parameterNames,
  parameterShape,
} from '../engine/model-state.ts'
import { blockModel, modelStateOf } from './block-model.ts'
import type { BlockSampler } from './block-sampler.ts'
import type { ModelKind } from './model.ts'

/** What one autoencoder differs from another in. */
type Autoencoder<Options extends object> = Pick<
  ModelKind<Options>,
  'name' | 'about' | 'options' | 'defaults' | 'training' | 'paper' | 'space' | 'settle'
> & {
  spec(options: Options): ModelSpec
  sampler(options: Options, ratings: CsrMatrix): BlockSampler
}

/** A model that is a spec of the engines: it trains on any of them, begins warm, and is ranked range by range. */
export function autoencoderKind<Options extends object>({
  spec,
  sampler,
  ...kind
}: Autoencoder<Options>): ModelKind<Options> {
  return {
    ...kind,
    runsOn: 'engine',
    oneEpoch: false,
    shapes: (options, userCount, itemCount) =>
      Object.fromEntries(
        parameterNames
          .map((name) => [name, parameterShape(spec(options), name, userCount, itemCount)] as const)
          .filter(([, shape]) => shape.every((length) => length > 0)),
      ),
    axisOf: (weight) => parameterAxis(weight as ParameterName),
    rankRanges: ({ options, ratings, engine, weights }) =>
      engine.rankRanges?.(spec(options), transpose(ratings), weights),
    async create({ options, ratings, seed, engine, state }) {
      const from =
        state === undefined
          ? initialState(spec(options), ratings.rowCount, ratings.columnCount, seed)
          : modelStateOf(state)
      const model = await engine.create(spec(options), ratings, from)
      return blockModel(model, ratings, sampler(options, ratings), seed)
    },
  }
}
