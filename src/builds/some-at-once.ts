/** What `work` makes of each item, in their order, with at most so many under way. The first that throws ends it. */
export async function someAtOnce<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const waiting = items.entries()
  const results = new Map<number, Result>()
  async function next(): Promise<void> {
    for (const [index, item] of waiting) results.set(index, await work(item, index))
  }
  await Promise.all(Array.from({ length: atOnce }, next))
  return [...results].sort(([one], [other]) => one - other).map(([, result]) => result)
}
