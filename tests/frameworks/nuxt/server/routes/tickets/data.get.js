export default defineEventHandler((event) => ({
  day: getQuery(event).day,
  bought: globalThis.shopOfTheTest ?? 0,
}));
