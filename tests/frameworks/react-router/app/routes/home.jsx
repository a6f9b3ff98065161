import { Link } from "react-router";

export default function Home() {
  return (
    <>
      <h1>Home</h1>
      <Link id="client" to="/tickets?day=2">Tickets</Link>
      <Link id="map" to="/tickets/map" prefetch="intent">Map</Link>
    </>
  );
}
