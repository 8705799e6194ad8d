export default function Thanks() {
  return <p>Look into your mailbox.</p>
}
