export default function Home() {
  return (
    <button type="button" onClick={() => fetch('/api/exports', { method: 'POST' })}>
      Export orders
    </button>
  )
}
