import weighHarvest from 'src/defer/weighHarvest'

export const createHarvest = async ({ input }: { input: { tree: string; apples: number } }) => {
  await weighHarvest(input.tree, input.apples)
  return input
}
