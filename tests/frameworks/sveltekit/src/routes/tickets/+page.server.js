let bought = 0;

export function load({ url, setHeaders }) {
  setHeaders({ "cache-control": "public, s-maxage=60" });
  return { day: url.searchParams.get("day") ?? "1", bought };
}

export const actions = {
  buy() {
    bought++;
    return { bought };
  },
};
