/** A page that is the same for everybody, which Next fetches in advance. */
export default function Plan() {
  return <h1>The map: INSIDE</h1>;
}
