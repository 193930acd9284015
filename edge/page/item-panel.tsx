import type { Item, SimilarItems } from '../descriptions.ts'
import type { Address } from './address.ts'
import { counted, useAnnounced } from './announce.ts'
import { itemPath } from './ask.ts'
import { ItemList } from './item-list.tsx'
import { Link } from './link.tsx'
import { Answered, Panel } from './panel.tsx'
import { useAnswer } from './use-answer.ts'

/** One item: what is known of it, and what is similar. */
export function ItemPanel({ item, address }: { item: string; address: Address }) {
  const known = useAnswer<Item>({ path: itemPath(item) })
  const similar = useAnswer<SimilarItems>({ path: itemPath(item, '/similar?k=10') })
  // What is known of the last item stays until this one's is there, and must not stand under its name.
  const title = known.answer?.id === item ? (known.answer.title ?? item) : item
  useAnnounced(
    similar.answer?.id === item
      ? `${title}: ${counted(similar.answer.items.length, 'similar item')}`
      : undefined,
  )
  const close = (
    <Link to={{ ...address, item: undefined }} class="quiet">
      Close
    </Link>
  )
  return (
    <Panel id="item" title={title} aside={close} busy={known.loading || similar.loading}>
      <Answered asked={known} lines={2}>
        {({ id, category, count }) => (
          <dl class="facts">
            <dt>Id</dt>
            <dd>{id}</dd>
            <dt>Category</dt>
            <dd>{category ?? 'none'}</dd>
            <dt>Users who have it</dt>
            <dd>{count.toLocaleString('en')}</dd>
          </dl>
        )}
      </Answered>
      {known.refusal?.code !== 'unknown-item' && (
        <>
          <h3>Similar items</h3>
          <Answered asked={similar} lacks="similar items: GET /v1/items/{id}/similar" lines={5}>
            {({ items }) => (
              <ItemList items={items} address={address} empty="This version holds no similar items for it." />
            )}
          </Answered>
        </>
      )}
    </Panel>
  )
}
