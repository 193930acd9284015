import type { Examples } from '../descriptions.ts'
import { goTo, useAddress } from './address.ts'
import { Link } from './link.tsx'
import { useAnswer } from './use-answer.ts'

/** The field for a user's id, with some ids to try. */
export function FindUser() {
  const address = useAddress()
  const { answer } = useAnswer<Examples>({ path: '/v1/examples' })
  const find = (event: Event) => {
    event.preventDefault()
    const user = String(new FormData(event.target as HTMLFormElement).get('user') ?? '')
    goTo({ ...address, user })
  }
  const userIds = answer?.userIds ?? []
  return (
    <search>
      <form class="find" action="/" onSubmit={find}>
        <label for="user">User</label>
        {/* Another user's id is another field: what was typed and not sent does not stay. */}
        <input
          key={address.user ?? ''}
          id="user"
          name="user"
          type="search"
          value={address.user ?? ''}
          placeholder="user id"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
        />
        <button type="submit">Show</button>
      </form>
      {userIds.length > 0 && (
        <p class="examples">
          <span>For example</span>
          {userIds.map((user) => (
            <Link key={user} to={{ ...address, user }} current={user === address.user}>
              {user}
            </Link>
          ))}
        </p>
      )}
    </search>
  )
}
