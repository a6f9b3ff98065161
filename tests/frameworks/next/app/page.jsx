import Link from "next/link";

export default function Home() {
  return (
    <>
      <h1>Home</h1>
      <Link id="client" href="/tickets?day=2">Tickets</Link>
    </>
  );
}
