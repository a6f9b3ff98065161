/** A page for which the router asks the server for nothing. */
export default function Plan() {
  return <h1>The map: INSIDE</h1>;
}
