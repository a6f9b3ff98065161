export default defineEventHandler(() => {
  globalThis.shopOfTheTest = (globalThis.shopOfTheTest ?? 0) + 1;
  return { bought: globalThis.shopOfTheTest };
});
