import { defer } from '@defer/client'
import indexProduct from './index-product.ts'

async function importProducts(names: string[]): Promise<number> {
  for (const name of names) await indexProduct(name)
  return names.length
}

export default defer(importProducts)
