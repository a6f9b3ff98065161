export default ({ res }) => {
  res.headers.set("cache-control", "public, max-age=60");
  res.headers.append("set-cookie", "own=1");
  return "protected page";
};
