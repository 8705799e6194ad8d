import { defer } from '@defer/client'

async function importProducts(names: string[]): Promise<number> {
  for (const name of names) if (name.trim() === '') throw new Error('a product needs a name')
  return names.length
}

export default defer(importProducts, { concurrency: 1 })
