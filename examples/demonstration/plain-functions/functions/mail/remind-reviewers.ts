export const config = { cron: '30 8 * * 1-5' }

export default async function (): Promise<string[]> {
  return ['ada@example.com', 'grace@example.com']
}
