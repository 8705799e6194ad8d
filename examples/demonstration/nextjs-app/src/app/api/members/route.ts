import { NextResponse } from 'next/server'
import sendWelcome from '@/defer/send-welcome'

export async function POST(request: Request) {
  const { id } = await sendWelcome(await request.json())
  return NextResponse.json({ id }, { status: 202 })
}
