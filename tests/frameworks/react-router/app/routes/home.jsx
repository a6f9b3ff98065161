import { Link } from "react-router";

export default function Home() {
  return (
    <>
      <h1>Home</h1>
      <Link id="client" to="/tickets?day=2">Tickets</Link>
    </>
  );
}
