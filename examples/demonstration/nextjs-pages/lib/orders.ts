export const openOrders = [
  { id: 'A-1', cents: 1200 },
  { id: 'A-2', cents: 450 },
]
