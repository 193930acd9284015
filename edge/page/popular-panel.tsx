import type { Popular } from '../descriptions.ts'
import type { Address } from './address.ts'
import { ItemList } from './item-list.tsx'
import { Answered, Panel } from './panel.tsx'
import { useAnswer } from './use-answer.ts'

/** What most users have: a place to begin without any user. */
export function PopularPanel({ address }: { address: Address }) {
  const asked = useAnswer<Popular>({ path: '/v1/popular?k=10' })
  return (
    <Panel id="popular" title="Popular" busy={asked.loading}>
      <Answered asked={asked} lines={10}>
        {({ items }) => <ItemList items={items} address={address} empty="Everything popular is hidden." />}
      </Answered>
    </Panel>
  )
}
