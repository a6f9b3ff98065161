import Link from "next/link";

export default function About() {
  return (
    <>
      <h1>About</h1>
      <Link id="client" href="/tickets?day=2">Tickets</Link>
    </>
  );
}
