import Link from "next/link";
import { CheckedLink } from "./checked-link.jsx";

export default function Home() {
  return (
    <>
      <h1>Home</h1>
      <Link id="client" href="/tickets?day=2">Tickets</Link>
      <CheckedLink id="map" href="/tickets/map">Map</CheckedLink>
    </>
  );
}
