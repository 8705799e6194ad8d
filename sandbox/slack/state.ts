// What this Slack remembers: plain data, stored as one JSON file when it was given a folder.
export type Block = Record<string, unknown> & { type: string }

export type Message = {
  channel: string
  ts: string
  threadTs: string | null
  text: string
  blocks: Block[] | null
  /** Shown to this user only. */
  ephemeralTo: string | null
  editedTs: string | null
  /** A reply that was also sent to the channel. */
  broadcast: boolean
  metadata: unknown
}

export type Channel = { id: string; name: string }
export type User = { id: string; name: string }

export type ResponseUrl = { channel: string; ts: string; user: string; uses: number; expiresAt: number }

export type SlackState = {
  sequence: number
  channels: Channel[]
  users: User[]
  messages: Message[]
  reactions: { ts: string; channel: string; name: string }[]
  responseUrls: Record<string, ResponseUrl>
}

export function emptySlackState(): SlackState {
  return { sequence: 0, channels: [], users: [], messages: [], reactions: [], responseUrls: {} }
}
