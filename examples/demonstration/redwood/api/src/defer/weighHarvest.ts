import { defer } from '@defer/client'
import { gramsOfApple, kilos } from 'src/lib/weights'

async function weighHarvest(tree: string, apples: number) {
  return { tree, kilos: kilos(apples * gramsOfApple) }
}

export default defer(weighHarvest)
