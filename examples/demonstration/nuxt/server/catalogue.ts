import type { Season } from '#shared/seasons'

export const items: { name: string; season: Season }[] = [
  { name: 'Raincoat', season: 'autumn' },
  { name: 'Straw hat', season: 'summer' },
  { name: 'Tulips', season: 'spring' },
]
