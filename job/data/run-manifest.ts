import * as z from 'zod'
import { isVersionId } from '../../shared/version-id.ts'
import { vouchedFile } from './dataset-manifest.ts'

/** A score part: consecutive users, in the order of `users.arrow`. */
export const scorePart = vouchedFile.extend({
  firstUser: z.number().int(),
  lastUser: z.number().int(),
})
export type ScorePart = z.infer<typeof scorePart>

/** What a blend's search found, on the rows that were held out. */
export const blendFindings = z.object({
  /** Each part alone. */
  alone: z.array(z.object({ model: z.string(), 'ndcg@10': z.number(), 'f1@10': z.number() })),
  /** The best blend without a part. */
  without: z.array(z.object({ model: z.string(), 'ndcg@10': z.number(), 'f1@10': z.number() })),
})
export type BlendFindings = z.infer<typeof blendFindings>

/** One look at the model during training. */
export const curvePoint = z.object({
  phase: z.enum(['search', 'refit']),
  epoch: z.number().int(),
  /** Summed over the epoch, as the paper's objective, without the L2 term. */
  loss: z.number(),
  /** Metrics on the held-out rows, where they were looked at. */
  ndcg10: z.number().optional(),
  /** The standard error of `ndcg10` over users; absent in older runs. */
  ndcg10Error: z.number().optional(),
  f1At10: z.number().optional(),
})
export type CurvePoint = z.infer<typeof curvePoint>

/** `manifest.json` of a run: written last, it vouches for the rest. See docs/formats.md. */
export const runManifest = z.object({
  format: z.literal('nightjar-run'),
  schemaVersion: z.literal(1),
  versionId: z.string().refine(isVersionId, 'no version id (want YYYYMMDDTHHMMSSZ-xxxxxx)'),
  model: z.string(),
  /** Every option that shaped the result. */
  config: z.record(z.string(), z.unknown()),
  seed: z.number().int(),
  engine: z.object({
    name: z.string(),
    threads: z.number().int(),
    /** The backend of tfjs, and what it computed on. */
    backend: z.string().optional(),
    device: z.string().optional(),
  }),
  /** The nightjar version, and the commit where it ran from a clone. */
  nightjar: z.object({ version: z.string(), commit: z.string().nullable() }),
  dataset: z.object({
    /** Where it lay; relative to the run's own place where that is possible. */
    uri: z.string(),
    digest: z.string(),
    users: z.number().int(),
    items: z.number().int(),
    parts: z.number().int(),
    interactions: z.number().int(),
  }),
  /** Which of those rows were trained on; absent: all of them. */
  rows: z.object({ since: z.string().nullable(), minWeight: z.number().nullable() }).optional(),
  /** The run whose weights the training began with, and how many of its users and items it knew. */
  warmStart: z
    .object({ versionId: z.string(), users: z.number().int(), items: z.number().int() })
    .nullable()
    .optional(),
  /** Newest interaction, no later than the newest import; without times the newest import. */
  dataCutoff: z.string(),
  startedAt: z.string(),
  epochs: z.object({ best: z.number().int(), trained: z.number().int(), refit: z.boolean() }),
  validation: z.record(z.string(), z.number()).nullable(),
  curve: z.array(curvePoint),
  timingsMs: z.record(z.string(), z.number()),
  /** Weights in safetensors. */
  weights: vouchedFile,
  /** Held-out pairs as dense indexes; null where every row was trained on from the start. */
  holdout: vouchedFile.nullable(),
  /** Of a blend whose search was of this training; absent otherwise. */
  blend: blendFindings.optional(),
  /** The component that makes lists from a history alone; absent where none was trained. */
  foldIn: z
    .object({
      config: z.looseObject({ hidden: z.number().int() }),
      epochs: z.number().int(),
      validation: z.record(z.string(), z.number()).nullable(),
      elapsedMs: z.number(),
      weights: vouchedFile,
    })
    .optional(),
  scores: z
    .object({
      k: z.number().int(),
      includeSeen: z.boolean(),
      exportedAt: z.string(),
      parts: z.array(scorePart),
    })
    .nullable(),
})
export type RunManifest = z.infer<typeof runManifest>
