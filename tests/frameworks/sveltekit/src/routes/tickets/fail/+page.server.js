export function load() {
  throw new Error("INSIDE, but broken");
}
