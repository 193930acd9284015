import type { Model, VersionsInUse } from '../descriptions.ts'
import { Answered, Panel } from './panel.tsx'
import type { Asked } from './use-answer.ts'

/** The version that answers: where it comes from and how good it is, beside the one before it. */
export function ModelCard({ asked }: { asked: Asked<VersionsInUse> }) {
  return (
    <Panel id="model" title="Model" busy={asked.loading}>
      <Answered asked={asked} lacks="list of versions: GET /v1/versions" lines={6}>
        {({ current, previous, pinned, publishedAt }) => (
          <>
            <dl class="facts">
              <dt>Version</dt>
              <dd class="code">{current.versionId}</dd>
              <dt>Trained</dt>
              <dd>
                <Age of={current.trainedAt} />, with data to{' '}
                <time datetime={current.dataCutoff}>{current.dataCutoff.slice(0, 10)}</time>
              </dd>
              <dt>Served since</dt>
              <dd>
                <Age of={publishedAt} />
              </dd>
              <dt>Algorithm</dt>
              <dd>{current.model}</dd>
              <dt>Holds</dt>
              <dd>
                {current.users.toLocaleString('en')} users, {current.items.toLocaleString('en')} items,{' '}
                {current.k} in a list
              </dd>
            </dl>
            {pinned !== undefined && (
              <p class="hint">Pinned: publications do not replace it until npx nightjar rollback --unpin.</p>
            )}
            {current.historyMax === 0 && (
              <p class="hint">Published without histories (--no-history): none can be shown.</p>
            )}
            <Metrics current={current} previous={previous} />
          </>
        )}
      </Answered>
    </Panel>
  )
}

function Metrics({ current, previous }: { current: Model; previous: Model | undefined }) {
  const names = Object.keys(current.metrics)
  if (names.length === 0) return <p class="empty">It was trained without rows to measure it on.</p>
  return (
    <table>
      <caption>On held-out rows of its own data{previous && `, beside ${previous.versionId}`}</caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col">This</th>
          {previous && <th scope="col">Before</th>}
          {previous && <th scope="col">Change</th>}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const value = current.metrics[name] ?? 0
          const before = previous?.metrics[name]
          return (
            <tr key={name}>
              <th scope="row">{metricName(name)}</th>
              <td>{value.toFixed(4)}</td>
              {previous && <td>{before?.toFixed(4) ?? '–'}</td>}
              {previous && <td>{before === undefined ? '–' : changeOf(value - before)}</td>}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** `ndcg@10` as people write it: `NDCG@10`. */
function metricName(name: string): string {
  const [, word = name, at = ''] = /^([a-z]\w*?)@?(\d+)$/i.exec(name) ?? []
  const shown = /^(ndcg|f1)$/i.test(word) ? word.toUpperCase() : word
  return at === '' ? shown : `${shown}@${at}`
}

const changeOf = (change: number) => `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(4)}`

function Age({ of }: { of: string }) {
  return (
    <time datetime={of} title={of}>
      {ageOf(of)}
    </time>
  )
}

function ageOf(time: string): string {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 60_000))
  const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  if (minutes < 90) return relative.format(-minutes, 'minute')
  const hours = Math.round(minutes / 60)
  return hours < 48 ? relative.format(-hours, 'hour') : relative.format(-Math.round(hours / 24), 'day')
}
