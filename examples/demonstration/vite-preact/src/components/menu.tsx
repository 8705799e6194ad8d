import logo from '@/assets/spoon.svg'

export function Menu({ dishes }: { dishes: string[] }) {
  return (
    <section>
      <img src={logo} alt="" />
      <ul>
        {dishes.map(dish => (
          <li key={dish}>{dish}</li>
        ))}
      </ul>
    </section>
  )
}
