// Block Kit's rules as far as apps run into them: known types, required fields, lengths and counts. Pure.
import * as z from 'zod'
import type { Block } from './state.ts'

const text = (most: number) =>
  z.object({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string().min(1).max(most) }).loose()
const plain = (most: number) =>
  z.object({ type: z.literal('plain_text'), text: z.string().min(1).max(most) }).loose()

const confirm = z.object({
  title: plain(100),
  text: text(300),
  confirm: plain(30),
  deny: plain(30),
  style: z.enum(['primary', 'danger']).optional(),
})

const button = z
  .object({
    type: z.literal('button'),
    text: plain(75),
    action_id: z.string().min(1).max(255).optional(),
    value: z.string().max(2000).optional(),
    url: z.string().max(3000).optional(),
    style: z.enum(['primary', 'danger']).optional(),
    confirm: confirm.optional(),
  })
  .loose()

const image = z
  .object({ type: z.literal('image'), image_url: z.url(), alt_text: z.string().max(2000) })
  .loose()
const menu = z.object({ type: z.enum(['static_select', 'overflow', 'users_select']) }).loose()
const element = z.union([button, menu])

const common = { block_id: z.string().max(255).optional() }

const section = z
  .object({
    type: z.literal('section'),
    text: text(3000).optional(),
    fields: z.array(text(2000)).min(1).max(10).optional(),
    accessory: z.union([element, image]).optional(),
    ...common,
  })
  .refine(block => block.text !== undefined || block.fields !== undefined)

const actions = z
  .object({ type: z.literal('actions'), elements: z.array(element).min(1).max(25), ...common })
  .refine(block => areDistinct(block.elements.map(({ action_id }) => action_id)))

function areDistinct(ids: unknown[]): boolean {
  const given = ids.filter(id => id !== undefined)
  return new Set(given).size === given.length
}

const blocksSchema = z
  .array(
    z.union([
      section,
      actions,
      z.object({ type: z.literal('header'), text: plain(150), ...common }),
      z.object({
        type: z.literal('context'),
        elements: z
          .array(z.union([text(2000), image]))
          .min(1)
          .max(10),
        ...common,
      }),
      z.object({ type: z.literal('divider'), ...common }),
      z
        .object({ type: z.literal('image'), image_url: z.url(), alt_text: z.string().max(2000), ...common })
        .loose(),
      z.object({ type: z.literal('markdown'), text: z.string().max(12_000), ...common }),
      z.object({ type: z.literal('rich_text'), elements: z.array(z.unknown()), ...common }),
    ]),
  )
  .max(50)

/** The blocks with an id each, or null when Slack would call them invalid_blocks. */
export function checkBlocks(given: unknown): Block[] | null {
  const parsed = blocksSchema.safeParse(given)
  if (!parsed.success) return null
  // The schema keeps what it does not name, so the blocks given are the blocks kept.
  const blocks = given as Block[]
  return blocks.map((block, index) => ({ block_id: `block-${index + 1}`, ...block }))
}

export type Button = {
  actionId: string
  blockId: string
  text: string
  value: string | null
  url: string | null
  style: 'primary' | 'danger' | null
  confirm: { title: string; text: string } | null
}

/** Every button of a message, in sections and action rows. */
export function buttonsOf(blocks: Block[] | null): Button[] {
  return (blocks ?? []).flatMap(block => {
    const elements = block.type === 'actions' ? block.elements : [block.accessory]
    return Array.isArray(elements) ? elements.flatMap((given, index) => toButton(given, block, index)) : []
  })
}

function toButton(given: unknown, block: Block, index: number): Button[] {
  const parsed = button.safeParse(given)
  if (!parsed.success) return []
  const { action_id, text: label, value, url, style, confirm: question } = parsed.data
  return [
    {
      actionId: action_id ?? `action-${index + 1}`,
      blockId: String(block.block_id),
      text: label.text,
      value: value ?? null,
      url: url ?? null,
      style: style ?? null,
      confirm: question ? { title: question.title.text, text: question.text.text } : null,
    },
  ]
}
