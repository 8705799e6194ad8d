import { join } from './actions'

export default function Page() {
  return (
    <form action={join}>
      <input name="name" placeholder="Name" required />
      <input name="email" type="email" placeholder="E-mail" required />
      <button type="submit">Join</button>
    </form>
  )
}
